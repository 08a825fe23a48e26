"""How the runners of all processes that use one model of a server stay within its rate limits together.

A refusal pauses all of them. What is left of a limit, which the server reports with each response, is divided
by the number of processes that call the model at this moment: each one uses an equal part of it and of its
refill. Nothing else has to be exchanged for that, because every response reports what the others have used.
"""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import distinct, func, select

from core.runner.runner import Runner
from core.runner.work import ItemState
from core.storage.leases import lease_holder
from core.storage.schema import runs, work_items, work_jobs
from core.storage.shared_time import SharedTime
from core.storage.store import Store

_INTERVAL = 1.0


class SharedLimits:
    """The pause and the users of *model* at *base_url*."""

    def __init__(self, store: Store, base_url: str, model: str) -> None:
        self._store = store
        self._pause = SharedTime(store, base_url, model)
        self._is_job = work_jobs.c.base_url == base_url, work_jobs.c.model == model

    def exchange_pause(self, seconds: float) -> float:
        """Make the pause of all processes last at least *seconds* from now, and return how long it lasts."""
        shared = self._pause.seconds_left()
        if seconds > shared:
            self._pause.extend(seconds)
        return max(seconds, shared)

    def processes(self) -> int:
        """Count the processes that call the model: this one, and those with calls under way."""
        others = (
            select(func.count(distinct(runs.c.holder)))
            .join_from(work_jobs, work_items, work_items.c.job_id == work_jobs.c.id)
            .join(runs, runs.c.id == work_items.c.run_id)
            .where(*self._is_job, work_items.c.state == ItemState.RUNNING.value)
            # Without a process that was killed, once its lease has expired.
            .where(runs.c.holder != lease_holder(), runs.c.alive_until > datetime.now(UTC))
        )
        return 1 + (self._store.read(lambda connection: connection.scalar(others)) or 0)


async def share_limits(runner: Runner, limits: SharedLimits) -> None:
    """Exchange the pause and the number of processes every second, until *runner* ends."""
    while runner.is_running:
        runner.limiter.pause(await asyncio.to_thread(limits.exchange_pause, runner.limiter.refusal_pause))
        runner.limiter.share(await asyncio.to_thread(limits.processes))
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.ended.wait(), _INTERVAL)
