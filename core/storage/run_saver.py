"""Keep a run while it grows: what it has heard so far, then how it ended and what it cost."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.pricing.prices import Cost
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository


class RunSaver:
    """Saves a growing run with its new events, one save at a time. Give it to `Jobs.start`.

    *price* says what the ended run cost; *tell* hears of that run before it is kept.
    """

    def __init__(
        self, runs: RunRepository, price: Callable[[Run], Cost], on_end: Callable[[Run], None] | None = None
    ) -> None:
        self._runs = runs
        self._price = price
        self._on_end = on_end
        self._events = 0
        self._lock = asyncio.Lock()

    async def __call__(self, log: RunLog) -> None:
        async with self._lock:
            await asyncio.to_thread(self._save, log)

    def _save(self, log: RunLog) -> None:
        run, events = log.snapshot(), log.events[self._events :]
        if run.state is not RunState.RUNNING:
            run = replace(run, cost=self._price(run))
            log.update(cost=run.cost)
            if self._on_end:
                self._on_end(run)
        self._runs.append_events(run.id, events)
        self._events += len(events)
        self._save_run(run)

    def _save_run(self, run: Run) -> None:
        self._runs.save(run)
