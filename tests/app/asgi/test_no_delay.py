"""A response on a kept-alive connection is sent at once, whatever the event loop."""

import asyncio
import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from components.asgi.routes import middleware, routes
from tests.servers import sends_at_once


def _new_uvloop() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not run on Windows")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


@contextmanager
def _served_app(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[tuple[int, uvicorn.Server]]:
    """Serve the app's routes from a listening socket without a protocol, as Streamlit makes it."""
    app = Starlette(routes=routes(), middleware=middleware())
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
    loop = new_loop()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        serving = threading.Thread(target=lambda: loop.run_until_complete(server.serve([listener])))
        serving.start()
        try:
            yield listener.getsockname()[1], server
        finally:
            server.should_exit = True
            serving.join()
            loop.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, _new_uvloop], ids=["asyncio", "uvloop"])
def test_sends_responses_on_a_kept_alive_connection_at_once(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with _served_app(new_loop) as (port, server):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/scripts/latest/live/assets/live.js")
        assert connection.getresponse().read()

        # The type of the protocol depends on what is installed.
        protocols: set[Any] = {*server.server_state.connections}
        assert [sends_at_once(protocol.transport) for protocol in protocols] == [True]
        connection.close()
