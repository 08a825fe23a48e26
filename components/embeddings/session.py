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
from components.session.live_session import LiveSession
from core.client.client import connect
from core.client.profile import Profile, ServerKind
from core.client.retry import RetryPolicy
from core.embeddings.batching import EmbeddingBatch, RequestLimits
from core.embeddings.cache import VectorCache
from core.embeddings.job import EmbeddingJob, EmbeddingResult, RequestOptions
from core.embeddings.request import EmbeddingSpec
from core.errors.types import PlaygroundError
from core.pricing.prices import BillingTerms, Cost, cost_of
from core.pricing.usage import Usage
from core.runs import event_loop
from core.runs.jobs import Job
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from core.storage.run_repository import RunRepository
from core.storage.run_saver import RunSaver

# What computes on one machine takes its time: small requests show progress and stay within the time limit.
_LOCAL_LIMITS = RequestLimits(inputs=128)
_SOON = 0.6


@dataclass(slots=True, eq=False)
class EmbeddingSession:
    """The texts as they are to be sent, the work on them, the last query, and every vector so far."""

    cache: VectorCache = field(default_factory=VectorCache)
    batch: EmbeddingBatch | None = None
    batch_key: object = None
    job: EmbeddingJob | None = None
    query_job: EmbeddingJob | None = None
    started: float = 0.0
    elapsed: float = 0.0
    announced: bool = False
    task: "Future[None] | None" = None
    profile: Profile | None = None
    memo: dict[object, Any] = field(default_factory=dict)

    @property
    def busy(self) -> bool:
        return self.job is not None and self.job.state is RunState.RUNNING

    @property
    def result(self) -> EmbeddingResult | None:
        return self.job.result if self.job else None

    def start(self, prepared: EmbeddingBatch, spaces: list[EmbeddingSpec]) -> None:
        """Embed in the background; waits a moment, as small work is soon done."""
        self.stop()
        self.profile = session.profile()
        self.job, self.query_job, self.memo = EmbeddingJob(prepared, spaces, self.cache), None, {}
        self.started, self.announced = time.monotonic(), False
        self.task = self._start(self.job)
        self.task.add_done_callback(self._ended)
        wait([self.task], _SOON)

    def run_query(
        self, prepared: EmbeddingBatch, spaces: tuple[EmbeddingSpec, ...], timeout: float = 30.0
    ) -> EmbeddingJob:
        """Embed a query in *spaces*, where the texts were embedded, and wait for it."""
        work = EmbeddingJob(prepared, spaces, self.cache)
        task = self._start(work)
        if wait([task], timeout).not_done:
            task.cancel()
            work.fail(PlaygroundError("The query was not embedded in time", "Try again."))
        self.query_job = work
        return work

    def stop(self) -> None:
        """Close the requests under way; what has arrived stays in the cache."""
        if self.task:
            self.task.cancel()

    def _start(self, work: EmbeddingJob) -> "Future[None]":
        running = _run(work, self.profile or session.profile(), session.live_session())
        return asyncio.run_coroutine_threadsafe(running, event_loop.get_loop())

    def _ended(self, task: "Future[None]") -> None:
        self.elapsed = time.monotonic() - self.started
        if self.busy and self.job and task is self.task:  # stopped before it had begun
            self.job.state = RunState.STOPPED


def embedding_session() -> EmbeddingSession:
    """This session's texts and vectors."""
    return session.session_object(EmbeddingSession)


async def _run(work: EmbeddingJob, profile: Profile, desk: LiveSession) -> None:
    manner = RequestOptions(
        _LOCAL_LIMITS if profile.kind == "local" else RequestLimits(),
        RetryPolicy(profile.max_retries),
        profile.name,
        _JobRunner(desk, profile.kind),
    )
    try:
        client = await connect(profile)
    except PlaygroundError as problem:
        work.fail(problem)
        return
    await work.run(client, manner)


@dataclass(frozen=True, slots=True)
class _JobRunner:
    """Sees a request through as a job of the session, so that it is saved, and ends with the tab."""

    session: LiveSession
    kind: ServerKind

    async def __call__(self, log: RunLog, work: Coroutine[Any, Any, None]) -> None:
        runs = RunRepository(await asyncio.to_thread(resources.store), self.session.owner)
        saver = RunSaver(runs, lambda ended: _cost_of(ended, self.kind), self.session.add_usage)
        await asyncio.to_thread(runs.start, log.snapshot())
        job = resources.jobs.start(Job(log, self.session.owner, self.session.token), work, saver)
        try:
            await job.saved.wait()
        except asyncio.CancelledError:
            job.stop()
            await job.saved.wait()
            raise


def _cost_of(run: Run, kind: ServerKind) -> Cost:
    return cost_of(run.usage, str(run.params.get("model", "")), run.started_at, BillingTerms(kind))


def usage_and_cost(work: EmbeddingJob) -> tuple[Usage, Cost | None]:
    """Return what the requests of *work* used and cost; None while no cost is known."""
    runs = [log.snapshot() for log in work.logs]
    usage = sum((run.usage for run in runs if run.usage), Usage())
    costs = [run.cost for run in runs if run.cost]
    return usage, total_cost(costs)


def total_cost(costs: list[Cost]) -> Cost | None:
    """Add up *costs*; an amount that is not known makes the sum unknown."""
    if not costs:
        return None
    amounts = [cost.amount for cost in costs]
    lists = [cost.list_amount for cost in costs if cost.list_amount is not None]
    total = None if None in amounts else sum((amount for amount in amounts if amount is not None), Decimal(0))
    return Cost(total, costs[0].basis, list_amount=sum(lists, Decimal(0)) if lists else None)
