"""Shares the event loop, which also serves the pages, between hundreds of responses that stream at once.

Without it, each turn of the loop reads whatever has arrived for all of them: a click waited for several
seconds, and Streamlit lost what a page had drawn when another run of it began meanwhile.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from weakref import WeakKeyDictionary

# Reads in one turn of the loop, each of a few events: some milliseconds.
_READS_PER_TURN = 2
_POLL_INTERVAL = 0.005
# Seconds in which a page that has run is sent to the browser.
_DELIVERY_TIME = 0.1


class PageRuns:
    """The scripts of pages that run at the moment, in any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = 0
        self._delivered_at = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let bulk requests wait in this context, and until its result is in the browser."""
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._delivered_at = time.monotonic() + _DELIVERY_TIME

    @property
    def is_active(self) -> bool:
        return self._running > 0 or time.monotonic() < self._delivered_at


class Turns:
    """Lets a few reads at a time continue, first come, first served.

    They wait for *pages*, but not longer than *max_wait* seconds: a page may compute for minutes, and the
    pages of several people may leave no pause. After such a wait they continue for *time_slice* seconds.
    """

    def __init__(self, pages: PageRuns, max_wait: float = 0.3, time_slice: float = 0.1) -> None:
        self._pages = pages
        self._max_wait = max_wait
        self._time_slice = time_slice
        self._slice_end = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def wait(self) -> None:
        """Return when the caller may read: at once if somebody waits for what it reads."""
        if not in_background.get():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._give_turns())
        await turn

    async def _give_turns(self) -> None:
        while self._waiting:
            if time.monotonic() >= self._slice_end:
                await self._wait_for_pages()
            for _ in range(min(_READS_PER_TURN, len(self._waiting))):
                turn = self._waiting.popleft()
                if not turn.done():  # its request was cancelled
                    turn.set_result(None)
            await asyncio.sleep(0)

    async def _wait_for_pages(self) -> None:
        deadline = time.monotonic() + self._max_wait
        while self._pages.is_active:
            if time.monotonic() >= deadline:
                self._slice_end = time.monotonic() + self._time_slice
                return
            await asyncio.sleep(_POLL_INTERVAL)


# Whether nobody waits for the requests of a context, so that pages go first.
in_background: ContextVar[bool] = ContextVar("in_background", default=False)
page_runs = PageRuns()
_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, Turns] = WeakKeyDictionary()


def loop_turns() -> Turns:
    """Return the turns of the running event loop, which all bulk requests share."""
    return _turns.setdefault(asyncio.get_running_loop(), Turns(page_runs))
