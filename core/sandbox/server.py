"""The sandbox as an HTTP server on a loopback port, in a thread of its own."""

import contextlib
import os
import secrets
import socket
import struct
import threading
import time
from asyncio import Transport
from pathlib import Path
from typing import Any, Literal, Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from core.sandbox.api.request_body import MAX_HEADER_BYTES
from core.sandbox.api.tokenizer import get_encoding
from core.sandbox.app import create_app
from core.sandbox.batches.options import INSTANT, BatchOptions
from core.sandbox.protocol import protocol_class
from core.sandbox.replies.conversation.scripts import load_questions
from core.sandbox.replies.language.detection import Language
from core.sandbox.simulation.access import AccessKeys
from core.sandbox.simulation.settings import SandboxSettings

EMBEDDED_PORTS = range(8124, 8144)
"""The ports that the sandbox of the app tries: code copied from the app works again after a restart."""

_HOST = "127.0.0.1"
_TIMEOUT = 10.0
EVENT_LOOP: Literal["auto", "asyncio"] = "auto"
"""With "auto", uvloop where it is installed."""
# SO_LINGER on, with zero seconds: closing the socket sends a reset instead of the rest of the data.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SandboxServer:
    """A sandbox server. Call `start()` and `stop()`, or use it in a `with` block. It can be started once."""

    def __init__(
        self,
        port: int = 0,
        key: str | None = None,
        latency: str = "instant",
        seed: int = 0,
        any_key: bool = False,
        directory: Path | None = None,
    ) -> None:
        """Bind to *port*, or to any free port if it is 0. With *any_key*, the API accepts other keys too.

        Files and batches are stored in *directory*; without one, until the sandbox stops.

        Raises OSError if the port is in use, and ApiError for an invalid *latency*.
        """
        self.key = key or f"sk-sandbox-{secrets.token_urlsafe(24)}"
        self.settings = SandboxSettings(latency, seed)
        self._socket = _listen(port)
        self.port = int(self._socket.getsockname()[1])
        self.keys = AccessKeys(self.key, any_key)
        batch_options = BatchOptions(INSTANT if latency == "instant" else 1.0)
        self._app = create_app(self.keys, self.settings, directory, batch_options)
        app = _ConnectionReset(self._app)
        self._server = app.server = _Server(_server_config(app))
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox", daemon=True
        )

    @classmethod
    def embedded(cls, directory: Path | None = None, data_owner: str = "") -> Self:
        """Create the sandbox of the app, on the first of its ports that is free.

        *data_owner* is the owner of what code that was copied from the app stores.
        """
        server = cls._on_free_port(directory)
        server.keys.shared_data_owner = data_owner
        return server

    @classmethod
    def _on_free_port(cls, directory: Path | None) -> Self:
        for port in EMBEDDED_PORTS:
            with contextlib.suppress(OSError):
                return cls(port, latency="fast", any_key=True, directory=directory)
        return cls(latency="fast", any_key=True, directory=directory)

    @property
    def url(self) -> str:
        """The `base_url` for the SDK."""
        return f"http://{_HOST}:{self.port}/v1"

    def create_client_key(self, data_owner: str = "") -> str:
        """Return a new key that may change its own settings, and read the log of its own requests.

        Keys with the same *data_owner* share files and batches, also after a restart, and stored replies.
        """
        return self.keys.create_client_key(data_owner)

    def start(self) -> Self:
        """Start the thread and wait until it accepts requests. Raises RuntimeError after ten seconds."""
        self._thread.start()
        self._app.state.batch_runner.start()
        threading.Thread(target=_load_data, name="sandbox-data", daemon=True).start()
        deadline = time.monotonic() + _TIMEOUT
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The sandbox did not start.")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """Abort all responses, wait for the thread, and close the port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_TIMEOUT)
        self._socket.close()
        self._app.state.batch_runner.stop()
        self._app.state.database.close()

    def reset(self) -> None:
        """Restore the default settings and full rate limits, and clear what clients have stored."""
        self.settings.reset()
        self._app.state.request_log.clear()
        self._app.state.rate_limiter.clear()
        self._app.state.prompt_cache.clear()
        self._app.state.stored_completions.clear()
        self._app.state.responses.clear()
        with self._app.state.batch_runner.lock:
            self._app.state.database.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _listen(port: int) -> socket.socket:
    # The sockets of create_server() have protocol 0, and asyncio sets TCP_NODELAY only where it is TCP.
    # Without it, every response on a kept-alive connection waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # On Windows, this option would allow a second server on the same port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((_HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """A server that aborts its connections on shutdown instead of waiting for endless replies."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for transport in self.transports():
            transport.abort()
        await super().shutdown(sockets)

    def transports(self, client: object = None) -> list[Transport]:
        """Return the open connections, or those of one *client*, an address with a port."""
        # The type of the protocol depends on what is installed.
        protocols: set[Any] = {*self.server_state.connections}
        return [protocol.transport for protocol in protocols if client in (None, protocol.client)]


class _ConnectionReset:
    """Middleware that adds `scope["reset"]`, which resets the connection of the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.server: _Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        def reset() -> None:
            client = scope.get("client")
            for transport in self.server.transports(client) if self.server and client else ():
                connection = transport.get_extra_info("socket")
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
                transport.abort()

        scope["reset"] = reset
        await self._app(scope, receive, send)


def _server_config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=protocol_class(),
        ws="none",
        lifespan="off",
        loop=EVENT_LOOP,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        # No logs at all: a line about a request would contain its path.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


def _load_data() -> None:
    """Load in the background what takes half a second, which the first request would have to wait."""
    get_encoding("o200k_base")
    for language in Language:
        load_questions(language)
