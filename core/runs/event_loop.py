"""The event loop that calls run on: the web server's, or that of a thread if no server runs."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")
_TIMEOUT = 20.0  # seconds that a page waits at most
_lock = Lock()
_loop: asyncio.AbstractEventLoop | None = None


def set_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Use *loop*, the web server's, from now on; None ends its use."""
    global _loop
    _loop = loop


def get_loop() -> asyncio.AbstractEventLoop:
    """Return the loop in use. Without a web server, as in a REPL or a test, starts one on a daemon thread."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            Thread(target=_loop.run_forever, name="event-loop", daemon=True).start()
        return _loop


def submit(coroutine: Coroutine[Any, Any, T]) -> Future[T]:
    """Start *coroutine* on the loop and return at once."""
    return asyncio.run_coroutine_threadsafe(coroutine, get_loop())


def run_until_complete(coroutine: Coroutine[Any, Any, T], timeout: float = _TIMEOUT) -> T:
    """Run *coroutine* on the loop and wait for it in this thread. Raises what it raises, or TimeoutError."""
    future = submit(coroutine)
    try:
        return future.result(timeout)
    except TimeoutError:
        future.cancel()
        raise
