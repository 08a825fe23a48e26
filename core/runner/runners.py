"""The runners of this process, which share a limiter for each model of a server."""

import asyncio
from typing import TYPE_CHECKING

from core.calls import CallService
from core.runner.limiter import AdaptiveLimiter
from core.runner.options import DEFAULT_OPTIONS, OnEnd, Prepare, RunnerOptions
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.work import WorkJob
from core.runs.run import RunState

if TYPE_CHECKING:
    from core.client.profile import Profile


class Runners:
    """Starts runners and finds them again, such as after a reload of the page. Runs on one event loop."""

    def __init__(self) -> None:
        self._runners: dict[str, Runner] = {}

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
        return runner

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

    def _limiter(self, profile: "Profile", model: str) -> AdaptiveLimiter:
        """Return the limiter of the runners of *model*, a new one if none is running.

        What an ended runner has learnt is soon wrong.
        """
        for runner in self._runners.values():
            used_by = runner.profile.base_url, runner.profile.id, runner.job.model
            if runner.is_running and used_by == (profile.base_url, profile.id, model):
                return runner.limiter
        return AdaptiveLimiter()
