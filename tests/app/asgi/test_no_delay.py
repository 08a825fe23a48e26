"""A response on a kept-alive connection is sent at once, whatever the event loop."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import quantiles

import pytest
import uvicorn
from starlette.applications import Starlette

from components.asgi.routes import middleware, routes

# The first responses of a connection are acknowledged at once, with or without the option.
_FIRST_RESPONSES = 20
_MEASURED_RESPONSES = 40
# Without the option, each response waits for a delayed acknowledgement, which takes 40 ms.
_MAX_SECONDS = 0.03


def _new_uvloop() -> asyncio.AbstractEventLoop:
    uvloop = pytest.importorskip("uvloop", reason="uvloop does not run on Windows")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


@contextmanager
def _served_app(new_loop: Callable[[], asyncio.AbstractEventLoop]) -> Iterator[int]:
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
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            serving.join()
            loop.close()


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, _new_uvloop], ids=["asyncio", "uvloop"])
def test_answers_on_a_kept_alive_connection_within_milliseconds(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with _served_app(new_loop) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        seconds = []
        for _ in range(_FIRST_RESPONSES + _MEASURED_RESPONSES):
            started = time.perf_counter()
            connection.request("GET", "/scripts/latest/live/assets/live.js")
            assert connection.getresponse().read()
            seconds.append(time.perf_counter() - started)
        connection.close()

    # The fastest quarter counts, because a busy machine delays some of them too.
    assert quantiles(seconds[_FIRST_RESPONSES:], n=4)[0] < _MAX_SECONDS
