"""The app in a process, and its upstream in a thread, which a test can start, stop and inspect."""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from core.sandbox.server import SandboxServer
from tests.conftest import affects_app
from tests.servers import RequestHandler, StubResponse, StubServer, free_port, stub_server

ROOT = Path(__file__).parents[2]
_START_TIMEOUT = 60.0


def wait_until(condition: Callable[[], bool], timeout: float = 30.0) -> None:
    """Poll *condition* until it is true. Fails after *timeout* seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout} s"
        time.sleep(0.01)


@dataclass(slots=True)
class AppServer:
    """`streamlit run app.py` in a process, with *environ* and none of our variables of this environment."""

    data: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """The output of the process so far."""
        return (self.data / "app.log").read_text()

    def start(self) -> None:
        """Start the process, on the same port each time, and wait until the app responds."""
        self.port = self.port or free_port()
        self.data.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        with (self.data / "app.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment(), stdout=log, stderr=log
            )
        wait_until(self._is_healthy, _START_TIMEOUT)

    def kill(self) -> None:
        """End the process like a crash, without any clean-up."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(_START_TIMEOUT)

    def _environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not affects_app(name)}
        return {**plain, "PLAYGROUND_DATA_DIR": str(self.data), **self.environ}

    def _is_healthy(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log
        try:
            with urlopen(f"{self.url}/_stcore/health", timeout=5) as response:
                return bool(response.status == 200)
        except (URLError, OSError):
            return False


@contextmanager
def running_app(data: Path, environ: Mapping[str, str]) -> Iterator[AppServer]:
    """Run the app for the duration of the context."""
    server = AppServer(data, environ)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@dataclass(frozen=True, slots=True)
class Upstream:
    """The server that the app sends to: a sandbox, whose latency and faults a test sets."""

    server: SandboxServer

    @property
    def environ(self) -> dict[str, str]:
        """The variables with which the app, or the SDK, connects to it."""
        return {"OPENAI_BASE_URL": self.server.url, "OPENAI_API_KEY": self.server.key}

    def set_latency(self, spec: str) -> None:
        """Set the latency of replies to *spec*, such as `ttft=0.2,tps=50`."""
        self.server.settings.update({"latency": spec})

    def fail(self, *faults: str) -> None:
        """Inject *faults* into the next replies, such as `429*2`."""
        self.server.settings.update({"faults": list(faults)})

    def replies(self) -> list[dict[str, Any]]:
        """The request log's entries of chat completions, oldest first."""
        return [entry for entry in self._request_log("GET") if entry["path"] == "/v1/chat/completions"]

    def reset(self) -> None:
        """Remove latency, faults and the request log."""
        self.server.settings.reset()
        self._request_log("DELETE")

    def _request_log(self, method: str) -> list[dict[str, Any]]:
        url = f"{self.server.url.removesuffix('/v1')}/sandbox/requests"
        headers = {"Authorization": f"Bearer {self.server.key}"}
        with urlopen(Request(url, method=method, headers=headers), timeout=30) as response:
            entries: list[dict[str, Any]] = json.load(response)["data"]
        return entries


@contextmanager
def serve_responses(script: RequestHandler | StubResponse) -> Iterator[StubServer]:
    """Serve exactly the responses of *script*, on an event loop in its own thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    serving = stub_server(script)
    try:
        yield asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
