"""How the client of the `mcp` package reaches a server: bounded, and without anything of the environment."""

import logging
import os
import shutil
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from core.client.client import ssl_context
from core.client.profile import is_loopback
from core.errors.types import PlaygroundError
from core.http.client import BoundedHttpClient
from core.http.limits import ResponseLimits, response_limits
from core.mcp import supervisor
from core.mcp.servers import HttpServer, StdioServer
from core.redaction import redact

# The longest that a tool may take is the same.
READ_TIMEOUT = 300.0
_CONNECT_TIMEOUT = 10.0
_LIMITS = ResponseLimits(body=supervisor.MAX_LINE, stream=64_000_000)
_LOG_LINES = 20
_LOG_CHARACTERS = 4_000

# What a server sends is reported on the page. The package would log every line that is not JSON-RPC.
for _name in ("mcp", "client"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class ServerLog:
    """The last lines that a program has written to standard error. Thread-safe."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        self._reader: Thread | None = None

    @property
    def text(self) -> str:
        return redact("\n".join([*self._lines])[-_LOG_CHARACTERS:])

    def open(self, on_end: Callable[[], None]) -> int:
        """Return a descriptor to write to; *on_end* is called in a thread once nobody can write any more."""
        read_end, write_end = os.pipe()
        self._lines.clear()
        self._reader = Thread(target=self._read, args=(read_end, on_end), name="mcp-log", daemon=True)
        self._reader.start()
        return write_end

    def wait(self) -> None:
        """Wait a moment for what the program wrote before it ended."""
        if self._reader:
            self._reader.join(1.0)

    def _read(self, descriptor: int, on_end: Callable[[], None]) -> None:
        with open(descriptor, encoding="utf-8", errors="replace") as lines:
            # The length is bounded, because a line may never end.
            while line := lines.readline(_LOG_CHARACTERS):
                self._lines.append(line.rstrip("\n"))
        on_end()


class McpHttpClient(BoundedHttpClient):
    """Sends the token to one server, and remembers the status of its last response.

    *names_oauth_server* is whether that response says where to sign in, as the protocol requires of servers
    that are protected by OAuth.
    """

    def __init__(self, server: HttpServer) -> None:
        headers = {"Accept-Encoding": "identity"}
        if server.token:
            headers["Authorization"] = f"Bearer {server.token.get_secret_value()}"
        super().__init__(
            headers=headers,
            timeout=httpx2.Timeout(READ_TIMEOUT, connect=_CONNECT_TIMEOUT),
            follow_redirects=False,
            max_redirects=0,  # the transport of `mcp` follows them by itself, up to this number
            trust_env=not is_loopback(server.url),
            verify=ssl_context(),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )
        self.status: int | None = None
        self.names_oauth_server = False

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        with response_limits(_LIMITS):
            response = await super().send(request, **options)
        self.status = response.status_code
        self.names_oauth_server = "resource_metadata" in response.headers.get("www-authenticate", "")
        return response


@asynccontextmanager
async def open_program(server: StdioServer, log: ServerLog, on_end: Callable[[], None]) -> AsyncIterator[Any]:
    """Start the program under a supervisor, and end both afterwards. Raises PlaygroundError."""
    program = shutil.which(server.command)
    if program is None:
        raise PlaygroundError(
            f"The program {server.command[:80]} was not found",
            "Check its spelling, or install it where the PATH of the app finds it.",
        )
    arguments = ["-I", str(Path(supervisor.__file__)), program, *server.arguments]
    parameters = StdioServerParameters(
        command=sys.executable,
        args=arguments,
        env={name: os.environ[name] for name in server.environment if name in os.environ},
        encoding_error_handler="replace",
    )
    with os.fdopen(log.open(on_end), "w") as error_log:
        async with stdio_client(parameters, error_log) as streams:
            # Only the program holds it from now on, so that its end can be noticed.
            error_log.close()
            yield streams


@asynccontextmanager
async def open_url(server: HttpServer, client: McpHttpClient) -> AsyncIterator[Any]:
    """Reach the server with *client*, which is closed afterwards."""
    async with (
        client,
        streamable_http_client(
            server.url, http_client=client, max_sse_event_size=supervisor.MAX_LINE
        ) as streams,
    ):
        yield streams
