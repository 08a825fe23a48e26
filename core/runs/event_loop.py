"""The event loop that replies run on: the web server's own when there is one, else a thread's."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")
_lock = Lock()
_loop: asyncio.AbstractEventLoop | None = None


def set_loop(running: asyncio.AbstractEventLoop | None) -> None:
    """Use *running*, the server's loop, from now on; None lets go of it."""
    global _loop
    _loop = running


def get_loop() -> asyncio.AbstractEventLoop:
    """Return the loop in use, starting one on a daemon thread for a REPL or a test."""
    global _loop
    with _lock:
        if _loop is None or _loop.is_closed():
            _loop = asyncio.new_event_loop()
            Thread(target=_loop.run_forever, name="replies", daemon=True).start()
        return _loop


def submit(work: Coroutine[Any, Any, T]) -> Future[T]:
    """Let *work* run on the loop, and return at once."""
    return asyncio.run_coroutine_threadsafe(work, get_loop())


def run_until_complete(work: Coroutine[Any, Any, T], timeout: float | None = None) -> T:
    """Wait in this thread for *work* to end on the loop. Raises what it raises, or TimeoutError."""
    future = submit(work)
    try:
        return future.result(timeout)
    except TimeoutError:
        future.cancel()
        raise
