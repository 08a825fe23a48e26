"""What the Embeddings page holds between two reruns, and the work that goes on without it."""

import asyncio
import time
from collections.abc import Coroutine
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from components.runtime import resources
from components.session import session
from components.session.live_session import Desk
from core.client.client import connect
from core.client.profile import Kind, Profile
from core.client.retry import RetryPolicy
from core.embeddings.batching import Limits, Prepared
from core.embeddings.cache import VectorCache
from core.embeddings.job import Embedded, Manner, Work
from core.embeddings.request import Space
from core.errors.types import PlaygroundError
from core.pricing.prices import Cost, Terms, cost_of
from core.pricing.usage import Usage
from core.runs import event_loop
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import Runs
from core.storage.run_saver import RunSaver

# What computes on one machine takes its time: small requests show progress and stay within the time limit.
_LOCAL_LIMITS = Limits(inputs=128)
_SOON = 0.6


@dataclass(slots=True, eq=False)
class EmbeddingDesk:
    """The texts as they are to be sent, the work on them, the last query, and every vector so far."""

    cache: VectorCache = field(default_factory=VectorCache)
    prepared: Prepared | None = None
    prepared_for: object = None
    work: Work | None = None
    query: Work | None = None
    began: float = 0.0
    took: float = 0.0
    told: bool = False
    task: "Future[None] | None" = None
    profile: Profile | None = None
    views: dict[object, Any] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        return self.work is not None and self.work.state is RunState.RUNNING

    @property
    def result(self) -> Embedded | None:
        return self.work.result if self.work else None

    def begin(self, prepared: Prepared, spaces: list[Space]) -> None:
        """Embed in the background; waits a moment, as small work is soon done."""
        self.stop()
        self.profile = session.profile()
        self.work, self.query, self.views = Work(prepared, spaces, self.cache), None, {}
        self.began, self.told = time.monotonic(), False
        self.task = self._start(self.work)
        self.task.add_done_callback(self._ended)
        wait([self.task], _SOON)

    def ask(self, prepared: Prepared, spaces: tuple[Space, ...], patience: float = 30.0) -> Work:
        """Embed a query in *spaces*, where the texts were embedded, and wait for it."""
        work = Work(prepared, spaces, self.cache)
        task = self._start(work)
        if wait([task], patience).not_done:
            task.cancel()
            work.fail(PlaygroundError("The query was not embedded in time", "Try again."))
        self.query = work
        return work

    def stop(self) -> None:
        """Close the requests under way; what has arrived stays in the cache."""
        if self.task:
            self.task.cancel()

    def _start(self, work: Work) -> "Future[None]":
        running = _run(work, self.profile or session.profile(), session.desk())
        return asyncio.run_coroutine_threadsafe(running, event_loop.loop())

    def _ended(self, task: "Future[None]") -> None:
        self.took = time.monotonic() - self.began
        if self.busy and self.work and task is self.task:  # stopped before it had begun
            self.work.state = RunState.STOPPED


def desk() -> EmbeddingDesk:
    """This session's texts and vectors."""
    return session.remembered(EmbeddingDesk)


async def _run(work: Work, profile: Profile, desk: Desk) -> None:
    manner = Manner(
        _LOCAL_LIMITS if profile.kind == "local" else Limits(),
        RetryPolicy(profile.max_retries),
        profile.name,
        _Conduct(desk, profile.kind),
    )
    try:
        client = await connect(profile)
    except PlaygroundError as problem:
        work.fail(problem)
        return
    await work.run(client, manner)


@dataclass(frozen=True, slots=True)
class _Conduct:
    """Sees a request through as a job of the session, so that it is saved, and ends with the tab."""

    desk: Desk
    kind: Kind

    async def __call__(self, log: RunLog, work: Coroutine[Any, Any, None]) -> None:
        runs = Runs(await asyncio.to_thread(resources.store), self.desk.owner)
        saver = RunSaver(runs, lambda ended: _cost_of(ended, self.kind), self.desk.count)
        await asyncio.to_thread(runs.start, log.snapshot())
        job = resources.jobs.start(Job(log, self.desk.owner, self.desk.token), work, saver)
        try:
            await job.saved.wait()
        except asyncio.CancelledError:
            job.stop()
            await job.saved.wait()
            raise


def _cost_of(run: Run, kind: Kind) -> Cost:
    return cost_of(run.usage, str(run.params.get("model", "")), run.started_at, Terms(kind))


def billed(work: Work) -> tuple[Usage, Cost | None]:
    """Return what the requests of *work* used and cost; None while no cost is known."""
    runs = [log.snapshot() for log in work.runs]
    usage = sum((run.usage for run in runs if run.usage), Usage())
    costs = [run.cost for run in runs if run.cost]
    return usage, summed(costs)


def summed(costs: list[Cost]) -> Cost | None:
    """Add up *costs*; an amount that is not known makes the sum unknown."""
    if not costs:
        return None
    amounts = [cost.amount for cost in costs]
    lists = [cost.list_amount for cost in costs if cost.list_amount is not None]
    total = None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Cost(total, costs[0].basis, list_amount=sum(lists, Decimal(0)) if lists else None)
