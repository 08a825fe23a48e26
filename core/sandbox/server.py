"""The sandbox as an HTTP server on a loopback port, in a thread of its own."""

import secrets
import socket
import struct
import threading
import time
from asyncio import Transport
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.sandbox.api.tokenizer import get_encoding
from core.sandbox.app import create_app
from core.sandbox.simulation.settings import SandboxSettings

_HOST = "127.0.0.1"
_TIMEOUT = 10.0
# SO_LINGER on, with zero seconds: closing the socket sends a reset instead of the rest of the data.
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SandboxServer:
    """A sandbox server. Call `start()` and `stop()`, or use it in a `with` block. It can be started once."""

    def __init__(
        self, port: int = 0, key: str | None = None, latency: str = "instant", seed: int = 0
    ) -> None:
        """Bind to *port*, or to any free port if it is 0.

        Raises OSError if the port is in use, and ApiError for an invalid *latency*.
        """
        self.key = key or f"sk-sandbox-{secrets.token_urlsafe(24)}"
        self.settings = SandboxSettings(latency, seed)
        self._socket = socket.create_server((_HOST, port))
        self.port = int(self._socket.getsockname()[1])
        self._app = create_app(self.key, self.settings)
        app = _ConnectionReset(self._app)
        config = uvicorn.Config(
            app,
            http=H11Protocol,
            ws="none",
            lifespan="off",
            loop="asyncio",
            # No logs at all: a line about a request would contain its path.
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = app.server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        """The `base_url` for the SDK."""
        return f"http://{_HOST}:{self.port}/v1"

    def start(self) -> Self:
        """Start the thread and wait until it accepts requests. Raises RuntimeError after ten seconds."""
        self._thread.start()
        # Loaded in the background: it takes half a second, which the first request would have to wait.
        threading.Thread(
            target=get_encoding, args=("o200k_base",), name="sandbox-vocabulary", daemon=True
        ).start()
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

    def reset(self) -> None:
        """Restore the default settings, and clear the request log and the prompt cache."""
        self.settings.reset()
        self._app.state.request_log.clear()
        self._app.state.prompt_cache.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Server(uvicorn.Server):
    """A server that aborts its connections on shutdown instead of waiting for endless replies."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for transport in self.transports():
            transport.abort()
        await super().shutdown(sockets)

    def transports(self, client: object = None) -> list[Transport]:
        """Return the open connections, or those of one *client*, an address with a port."""
        connections = self.server_state.connections
        protocols = [protocol for protocol in connections if isinstance(protocol, H11Protocol)]
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
