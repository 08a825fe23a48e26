"""Starting and stopping the sandbox, alone and inside a process."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import httpx2
import pytest
from openai import DefaultHttpx2Client, OpenAI

from core.sandbox.__main__ import main
from core.sandbox.server import SandboxServer
from tests.sandbox.client import ChatHelper


def test_picks_a_free_port_and_a_key_of_its_own() -> None:
    with SandboxServer() as one, SandboxServer() as other:
        assert one.url != other.url
        assert one.key != other.key
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", one.url)


def test_shares_nothing_with_another_sandbox() -> None:
    with SandboxServer(latency="fast") as one, SandboxServer() as other:
        one.settings.update({"faults": ["500"]})
        assert other.settings.to_dict() == {"pace": "instant", "faults": [], "seed": 0}


def running() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name == "sandbox"}


def test_closes_its_port_and_its_thread() -> None:
    before = running()
    with SandboxServer() as server:
        port = server.port
    with SandboxServer(port=port) as again:
        assert again.port == port
    assert running() <= before


def test_stops_at_once_while_a_reply_is_silent() -> None:
    with DefaultHttpx2Client(trust_env=False) as http_client:
        server = SandboxServer().start()
        sdk = OpenAI(base_url=server.url, api_key=server.key, max_retries=0, http_client=http_client)
        stream = sdk.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "user", "content": "hello"}],
            stream=True,
            extra_headers={"x-sandbox-fault": "stall"},
        )
        next(iter(stream))
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 2
        stream.close()


def test_says_so_when_its_port_is_taken(server: SandboxServer) -> None:
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=server.port)


def test_gives_up_with_a_plain_message_when_the_port_is_taken(server: SandboxServer) -> None:
    with pytest.raises(SystemExit, match="The sandbox cannot start"):
        main(["--port", str(server.port)])


def test_gives_up_with_a_plain_message_on_an_unknown_pace() -> None:
    with pytest.raises(SystemExit, match="unknown pace 'warp'"):
        main(["--port", "0", "--pace", "warp"])


def test_runs_alone_and_tells_how_to_reach_it() -> None:
    command = [sys.executable, "-m", "core.sandbox", "--port", "0", "--key", "sk-alone", "--pace", "instant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", _guide(process))
        assert url is not None
        with DefaultHttpx2Client(trust_env=False) as http_client:
            sdk = OpenAI(base_url=url.group(), api_key="sk-alone", http_client=http_client)
            assert ChatHelper(sdk).text("count to 3") == "1, 2, 3"
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def _guide(process: "subprocess.Popen[str]") -> str:
    """Read what is printed at the start, up to its last line."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "x-sandbox-fault" in line:
            break
    return "".join(lines)


def test_is_cheap_to_import() -> None:
    heavy = "{'openai', 'numpy', 'pandas', 'PIL', 'tiktoken', 'pydantic', 'streamlit'}"
    code = f"import sys, core.sandbox; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert found.stdout.strip() == "[]"


def test_lists_and_describes_every_model_of_the_table(sdk: OpenAI) -> None:
    models = {model.id: model for model in sdk.models.list()}
    assert models["gpt-4o-mini"].shutdown_date == "2027-01-14"
    assert sdk.models.retrieve("gpt-4o-2024-08-06") == models["gpt-4o-2024-08-06"]
    assert time.gmtime(models["gpt-4o-2024-08-06"].created)[:3] == (2024, 8, 6)


def test_does_not_describe_an_unknown_model(http: httpx2.Client) -> None:
    reply = http.get("/v1/models/ft:nobody/knows")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")
