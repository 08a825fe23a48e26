"""The sandbox on a loopback port, in a thread with an event loop of its own."""

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
_PATIENCE = 10.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SandboxServer:
    """A running sandbox. Start and stop it, or let a `with` block do so; it starts once."""

    def __init__(
        self, port: int = 0, key: str | None = None, latency: str = "instant", seed: int = 0
    ) -> None:
        """Bind to *port* (0: a free one). Raises OSError when it is taken, ApiProblem for a wrong *pace*."""
        self.key = key or f"sk-sandbox-{secrets.token_urlsafe(24)}"
        self.settings = SandboxSettings(latency, seed)
        self._socket = socket.create_server((_HOST, port))
        self.port = int(self._socket.getsockname()[1])
        self._app = create_app(self.key, self.settings)
        app = _Resettable(self._app)
        self._server = app.server = _Server(_config(app))
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """What the SDK takes as `base_url`."""
        return f"http://{_HOST}:{self.port}/v1"

    def start(self) -> Self:
        """Wait until requests are answered. Raises RuntimeError when that takes too long."""
        self._thread.start()
        threading.Thread(
            target=get_encoding, args=("o200k_base",), name="sandbox-vocabulary", daemon=True
        ).start()
        deadline = time.monotonic() + _PATIENCE
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The sandbox did not start.")
            time.sleep(0.005)
        return self

    def stop(self) -> None:
        """End every reply, close the port, and wait for the thread."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_PATIENCE)
        self._socket.close()

    def reset(self) -> None:
        """Forget settings, faults to come, journal and cached prompts, as after a fresh start."""
        self.settings.reset()
        self._app.state.request_log.clear()
        self._app.state.cache.clear()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _config(app: ASGIApp) -> uvicorn.Config:
    """Log nothing about requests: a line would hold the path."""
    return uvicorn.Config(
        app,
        http=H11Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


class _Server(uvicorn.Server):
    """Drops its connections when it ends, so that endless replies end too."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for transport in self.transports():
            transport.abort()
        await super().shutdown(sockets)

    def transports(self, client: object = None) -> list[Transport]:
        """List the open connections, or those of one *client*: its address and port."""
        protocols = [item for item in self.server_state.connections if isinstance(item, H11Protocol)]
        return [item.transport for item in protocols if client is None or item.client == client]


class _Resettable:
    """Lets the faults reset the connection that a request came by."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.server: _Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["reset"] = lambda: self._reset(scope.get("client"))
        await self._app(scope, receive, send)

    def _reset(self, client: object) -> None:
        for transport in self.server.transports(client) if self.server and client else ():
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
            transport.abort()
