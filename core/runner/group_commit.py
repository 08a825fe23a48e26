"""Save many small things in few transactions."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Saves together what arrives during a save and *interval* seconds after it.

    *save* runs in a thread, one call at a time.
    """

    def __init__(self, save: Callable[[Sequence[T]], None], interval: float = 0.1) -> None:
        self._save = save
        self._interval = interval
        self._next_save = 0.0  # by the clock of the event loop
        self._flushed = asyncio.Event()
        self._pending: list[tuple[T, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, value: T) -> None:
        """Return when *value* is saved. Raises what the save raises."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((value, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._save_pending())
        await future

    def flush(self) -> None:
        """Save what is pending now, because nothing more will arrive soon."""
        self._flushed.set()

    async def _save_pending(self) -> None:
        clock = asyncio.get_running_loop().time
        while self._pending:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._flushed.wait(), self._next_save - clock())
            self._flushed.clear()
            batch, self._pending = self._pending, []
            error: Exception | None = None
            try:
                await asyncio.to_thread(self._save, [value for value, _ in batch])
            except Exception as exc:  # noqa: BLE001 - raised to everybody who waits for this save
                error = exc
            self._next_save = clock() + self._interval
            for _, future in batch:
                if future.done():
                    continue
                if error:
                    future.set_exception(error)
                else:
                    future.set_result(None)
