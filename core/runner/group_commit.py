"""Save many small things in few transactions."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class GroupCommit(Generic[T]):
    """Saves together what arrives during a save. *save* runs in a thread, one call at a time."""

    def __init__(self, save: Callable[[Sequence[T]], None]) -> None:
        self._save = save
        self._pending: list[tuple[T, asyncio.Future[None]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, value: T) -> None:
        """Return when *value* is saved. Raises what the save raises."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((value, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._save_pending())
        await future

    async def _save_pending(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            error: Exception | None = None
            try:
                await asyncio.to_thread(self._save, [value for value, _ in batch])
            except Exception as exc:  # noqa: BLE001 - raised to everybody who waits for this save
                error = exc
            for _, future in batch:
                if future.done():
                    continue
                if error:
                    future.set_exception(error)
                else:
                    future.set_result(None)
