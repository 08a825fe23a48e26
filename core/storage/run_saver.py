"""Saves a run while it is received, and its cost when it has ended."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.pricing.prices import Cost
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository


class RunSaver:
    """Saves the run of a log with its new events, one save at a time. Pass it to `Jobs.start`.

    *price* returns the cost of the ended run; *on_end* receives that run before it is saved.
    """

    def __init__(
        self,
        runs: RunRepository,
        price: Callable[[Run], Cost] | None,
        on_end: Callable[[Run], None] | None = None,
    ) -> None:
        self._runs = runs
        self._price = price
        self._on_end = on_end
        self._saved_events = 0
        self._is_complete = False
        self._lock = asyncio.Lock()

    async def __call__(self, log: RunLog) -> None:
        async with self._lock:
            await asyncio.to_thread(self._save, log)

    def _save(self, log: RunLog) -> None:
        # A periodic save may be the first to see the end of the run; then the final save has nothing to add.
        if self._is_complete:
            return
        run, events = log.snapshot(), log.events[self._saved_events :]
        if run.state is not RunState.RUNNING:
            if self._price:
                run = replace(run, cost=self._price(run))
                log.update(cost=run.cost)
            if self._on_end:
                self._on_end(run)
        self._runs.append_events(run.id, events)
        self._saved_events += len(events)
        self._save_run(run)
        self._is_complete = run.state is not RunState.RUNNING

    def _save_run(self, run: Run) -> None:
        self._runs.save(run)
