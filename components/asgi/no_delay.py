"""Send each response at once, also where the event loop leaves TCP's default."""

import socket
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send


class NoDelayMiddleware:
    """Sets TCP_NODELAY on each connection, as uvloop does.

    asyncio sets it only on sockets that name their protocol, and Streamlit's listening socket does not. Then
    the body of every response on a kept-alive connection waits for the browser to acknowledge its head, which
    browsers delay by 40 ms.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            _set_no_delay(receive)
        await self._app(scope, receive, send)


def _set_no_delay(receive: Any) -> None:
    """Set the option on the connection that uvicorn's *receive* reads from; other servers may have none."""
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    connection = transport.get_extra_info("socket") if transport else None
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):  # the browser has closed the connection
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
