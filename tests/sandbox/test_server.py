"""Starting and stopping the sandbox, in this process and as a process of its own."""

import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

import httpx2
import pytest
from openai import DefaultHttpx2Client, OpenAI

from core.sandbox import server as server_module
from core.sandbox.__main__ import main
from core.sandbox.server import SandboxServer
from tests.sandbox.client import DEFAULT_SETTINGS, ChatHelper
from tests.servers import free_port


def test_uses_a_free_port_and_a_random_key() -> None:
    with SandboxServer() as first, SandboxServer() as second:
        assert first.url != second.url
        assert first.key != second.key
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", first.url)


def test_shares_no_settings_with_another_server() -> None:
    with SandboxServer(latency="fast") as first, SandboxServer() as second:
        first.settings.update({"faults": ["500"]})
        assert second.settings.to_dict() == DEFAULT_SETTINGS


def sandbox_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "sandbox"}


def test_closes_its_port_and_ends_its_thread() -> None:
    before, port = sandbox_threads(), free_port()
    for _ in range(2):
        with SandboxServer(port=port) as server:
            assert server.port == port
    assert sandbox_threads() <= before


def test_stops_during_a_stalled_reply() -> None:
    before = sandbox_threads()
    with DefaultHttpx2Client(trust_env=False) as http_client:
        server = SandboxServer().start()
        client = OpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)
        stream = client.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "hello"}],
            stream=True,
            extra_headers={"x-sandbox-fault": "stall=600"},
        )
        next(iter(stream))
        server.stop()  # which does not wait for the reply
        stream.close()
    assert sandbox_threads() <= before


def test_raises_an_error_if_the_port_is_in_use(server: SandboxServer) -> None:
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=server.port)


def test_exits_with_a_message_if_the_port_is_in_use(server: SandboxServer) -> None:
    with pytest.raises(SystemExit, match="The sandbox cannot start"):
        main(["--port", str(server.port)])


def test_exits_with_a_message_for_an_unknown_latency() -> None:
    with pytest.raises(SystemExit, match="unknown latency 'warp'"):
        main(["--port", "0", "--latency", "warp"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_alone_until_a_signal(number: signal.Signals) -> None:
    command = f"{shlex.quote(sys.executable)} -m core.sandbox --port 0 --key sk-alone --latency instant"
    # A shell starts a background job with SIGINT ignored.
    shell = ["sh", "-c", f"trap '' INT; exec {command}"]
    with subprocess.Popen(shell, stdout=subprocess.PIPE, text=True) as process:
        try:
            url = re.search(r"http://127\.0\.0\.1:\d+/v1", _read_instructions(process))
            assert url is not None
            with DefaultHttpx2Client(trust_env=False) as http_client:
                client = OpenAI(base_url=url.group(), api_key="sk-alone", http_client=http_client)
                assert ChatHelper(client).text("count to 3") == "1, 2, 3"
            process.send_signal(number)
            assert process.wait(60) == 0
        finally:
            process.kill()


def _read_instructions(process: "subprocess.Popen[str]") -> str:
    """Read the output of the start, up to its last line."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "x-sandbox-fault" in line:
            break
    return "".join(lines)


def test_accepts_any_key_in_the_app() -> None:
    with SandboxServer.embedded() as server, httpx2.Client(trust_env=False) as client:
        for key, status in (("sandbox", 200), ("sk-any", 200), (server.key, 200), ("", 401)):
            response = client.get(f"{server.url}/models", headers={"authorization": f"Bearer {key}".strip()})
            assert response.status_code == status


def test_uses_the_first_free_port_of_its_own_in_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with SandboxServer() as other:
        monkeypatch.setattr(server_module, "EMBEDDED_PORTS", [other.port, port])
        for _ in range(2):
            with SandboxServer.embedded() as server:
                assert server.port == port


def test_uses_any_port_in_the_app_if_its_own_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with SandboxServer() as other:
        monkeypatch.setattr(server_module, "EMBEDDED_PORTS", [other.port])
        with SandboxServer.embedded() as server:
            assert server.port != other.port


def test_imports_no_large_packages() -> None:
    packages = "{'openai', 'numpy', 'pandas', 'PIL', 'tiktoken', 'pydantic', 'streamlit'}"
    code = f"import sys, core.sandbox.server; print(sorted({packages} & set(sys.modules)))"
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert process.stdout.strip() == "[]"


def test_lists_and_retrieves_models(client: OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}
    assert models["gpt-4o-mini"].shutdown_date == "2027-01-14"
    assert client.models.retrieve("gpt-4o-2024-08-06") == models["gpt-4o-2024-08-06"]
    assert time.gmtime(models["gpt-4o-2024-08-06"].created)[:3] == (2024, 8, 6)


def test_returns_404_for_an_unknown_model(http_client: httpx2.Client) -> None:
    response = http_client.get("/v1/models/ft:nobody/knows")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "model_not_found")
