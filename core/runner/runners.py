"""The runners of this process, which share a limiter for each model of a server."""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from core.calls import CallService
from core.runner.limiter import AdaptiveLimiter
from core.runner.options import DEFAULT_OPTIONS, OnEnd, Prepare, RunnerOptions
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.shared_limits import SharedLimits, share_limits
from core.runner.work import WorkJob
from core.runs.run import RunState
from core.storage.owner_settings import records_runs

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.storage.store import Store

# Seconds for a database that does not respond when the process exits.
_EXIT_TIMEOUT = 5.0
_log = logging.getLogger(__name__)


class Workers(Protocol):
    """Other processes that may request items of a job, too."""

    async def offer(self, job: WorkJob, owner: str) -> None:
        """Let them request items of *job*."""

    async def withdraw(self, job: WorkJob) -> None:
        """Let none of them request items of *job* any more."""


class Runners:
    """Starts runners and finds them again, such as after a reload of the page. Runs on one event loop.

    *workers* may request the items of jobs whose capability is in *shared*.
    """

    def __init__(self, workers: Workers | None = None, shared: Collection[str] = ()) -> None:
        self._runners: dict[str, Runner] = {}
        self._workers = workers
        self._shared = shared
        self._sharing: set[asyncio.Task[None]] = set()

    async def start(
        self,
        job: WorkJob,
        calls: CallService,
        profile: "Profile",
        prepare: Prepare,
        on_end: OnEnd | None = None,
        options: RunnerOptions = DEFAULT_OPTIONS,
    ) -> Runner:
        """Request the items of *job* that are waiting, or return the runner that already does."""
        store = await asyncio.to_thread(calls.open_store)
        if runner := self.get(job.id, calls.owner):
            return runner
        queue = JobRepository(store, calls.owner).queue(job.id)
        limiter = self._limiter(profile, job.model)
        runner = Runner(job, queue, calls, profile, limiter, prepare, on_end, options)
        self._runners[job.id] = runner
        runner.start()
        if store.is_shared:
            self._follow(share_limits(runner, SharedLimits(store, job.base_url, job.model)))
        is_shared = job.capability in self._shared
        # What is not recorded can be shown by the process only that has made the call.
        if self._workers and is_shared and await asyncio.to_thread(_records, store, calls.owner):
            self._follow(_share(runner, self._workers))
        return runner

    async def stop(self, jobs: Sequence[WorkJob], repository: JobRepository) -> None:
        """Stop *jobs* in all processes, and return when what has arrived in this one is saved.

        Others notice it within seconds. The items that are left can be requested later.
        """
        runners = [runner for job in jobs if (runner := self.get(job.id, repository.owner))]
        for runner in runners:
            runner.stop()
        for job in jobs:
            await asyncio.to_thread(repository.request_stop, job.id)
            # Those of a process that has ended are still there.
            if self._workers and job.capability in self._shared:
                await _withdraw(job, self._workers)
        await asyncio.gather(*(runner.wait() for runner in runners))

    def _follow(self, sharing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(sharing)
        self._sharing.add(task)
        task.add_done_callback(self._sharing.discard)

    def get(self, job_id: str, owner: str) -> Runner | None:
        """Return the runner of a job that is under way; None if there is none, or it is another owner's."""
        runner = self._runners.get(job_id)
        if runner and runner.ended.is_set():
            del self._runners[job_id]
            return None
        return runner if runner and runner.owner == owner else None

    async def stop_all(self) -> None:
        """Stop and save all runners, because the process is about to exit."""
        for runner in list(self._runners.values()):
            runner.stop(RunState.INTERRUPTED)
            await runner.ended.wait()
        if self._sharing:
            await asyncio.wait(self._sharing, timeout=_EXIT_TIMEOUT)

    def _limiter(self, profile: "Profile", model: str) -> AdaptiveLimiter:
        """Return the limiter of the runners of *model*, a new one if none is running.

        What an ended runner has learnt is soon wrong.
        """
        for runner in self._runners.values():
            used_by = runner.profile.base_url, runner.profile.id, runner.job.model
            if runner.is_running and used_by == (profile.base_url, profile.id, model):
                return runner.limiter
        return AdaptiveLimiter()


def _records(store: "Store", owner: str) -> bool:
    return store.read(lambda connection: records_runs(connection, owner))


async def _share(runner: Runner, workers: Workers) -> None:
    """Offer the job of *runner* to *workers* until it ends, but not only because this process does."""
    try:
        await workers.offer(runner.job, runner.owner)
        await runner.ended.wait()
        if not runner.is_interrupted:
            await workers.withdraw(runner.job)
    except Exception:  # noqa: BLE001 - of any library; the job runs without workers
        _log.exception("Job %s cannot be shared with workers", runner.job.id)


async def _withdraw(job: WorkJob, workers: Workers) -> None:
    try:
        await workers.withdraw(job)
    except Exception:  # noqa: BLE001 - of any library; workers notice the stop themselves
        _log.exception("Job %s cannot be withdrawn from workers", job.id)
