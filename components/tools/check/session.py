"""The check of a browser session: its job on the runner, its results, and the jobs that can be resumed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import streamlit as st

from components.runtime import resources
from components.session import repositories, session
from components.session.panel_cache import PanelCache
from core.errors.types import NotFound
from core.runs import event_loop
from core.tools.check.cases import write_cases
from core.tools.check.tool_check import CAPABILITY, CaseResult, Reply, ToolCheck

if TYPE_CHECKING:
    from core.runner.repository import JobRepository
    from core.runner.runner import Runner
    from core.runner.work import Budget, WorkJob, WorkProgress

CASES_KEY, REPETITIONS_KEY = "tools.check.cases", "tools.check.repetitions"
_QUERY_PARAMETER = "check"
_BATCH = 500  # runs that are read at once
_MAX_JOBS = 5


@dataclass(slots=True, eq=False)
class CheckSession:
    """The check of this browser session with its job, the results once it has ended, and its panel.

    A check of an earlier process, which History opens, has no runner.
    """

    check: ToolCheck | None = None
    job: "WorkJob | None" = None
    runner: "Runner | None" = None
    results: Sequence[CaseResult] | None = None
    is_open: bool = False
    cache: PanelCache = field(default_factory=PanelCache)

    @property
    def is_running(self) -> bool:
        return self.runner is not None and self.runner.is_running

    def toggle(self) -> None:
        """Open the panel, or close it. A running check continues."""
        self.is_open = not self.is_open

    def start(self, check: ToolCheck, budget: "Budget") -> None:
        """Start the requests of *check*."""
        job = check.job(session.profile(), budget)
        _jobs().create(job, check.items())
        self._run(job)

    def resume(self, job: "WorkJob") -> None:
        """Start the requests of a saved job that are left, with its budget of now."""
        _jobs().set_budget(job.id, job.budget)
        self._run(job)

    def _run(self, job: "WorkJob") -> None:
        from core.runner.options import INTERACTIVE_OPTIONS

        check = ToolCheck.of(job)
        calls, profile = session.live_session().calls, session.profile()
        starting = resources.runners().start(job, calls, profile, check.prepare, options=INTERACTIVE_OPTIONS)
        self._show(check, job, event_loop.run_until_complete(starting))

    def open_job_in_url(self) -> None:
        """Show the check in the URL, once, with its questions. Call it before the widgets are drawn."""
        job_id = str(st.query_params.pop(_QUERY_PARAMETER, ""))
        try:
            job = _jobs().get(job_id) if job_id else None
        except NotFound:  # anybody can write an id there
            return
        if job is None or job.capability != CAPABILITY:
            return
        check = ToolCheck.of(job)
        session.set_widget_value(CASES_KEY, write_cases(check.cases))
        session.set_widget_value(REPETITIONS_KEY, check.repetitions)
        self._show(check, job, resources.runners().get(job.id, session.OWNER))

    def find_runner(self) -> None:
        """Follow a job that is under way, after a reload of the page."""
        if self.job:
            return
        for job, _progress in self.unfinished():
            if runner := resources.runners().get(job.id, session.OWNER):
                self._show(ToolCheck.of(job), job, runner)
                return

    def stop(self) -> None:
        if self.runner:
            event_loop.get_loop().call_soon_threadsafe(self.runner.stop)

    def unfinished(self) -> "list[tuple[WorkJob, WorkProgress]]":
        """Return the newest jobs with requests left to send, and how far they are."""
        jobs = _jobs()
        return [
            (job, jobs.queue(job.id).progress())
            for job in jobs.list(CAPABILITY, unfinished=True, limit=_MAX_JOBS)
        ]

    def discard(self, job: "WorkJob") -> None:
        """Send no further request of *job*. The replies that it has received stay."""
        _jobs().queue(job.id).cancel_waiting()

    def load_results(self) -> Sequence[CaseResult]:
        """Return the results of the runs that have ended, read once."""
        from core.runner.work import ItemState

        if self.results is not None or not (self.job and self.check):
            return self.results or ()
        queue, runs = _jobs().queue(self.job.id), repositories.run_repository()
        # By the number of the case; None for requests that failed.
        replies: dict[int, list[Reply | None]] = defaultdict(list)
        offset = 0
        while items := queue.items((ItemState.DONE, ItemState.FAILED), _BATCH, offset):
            offset += len(items)
            by_id = runs.get_many([item.run_id for item in items if item.run_id])
            for item in items:
                run = by_id.get(item.run_id or "") if item.state is ItemState.DONE else None
                replies[item.data["case"]].append(self.check.read_reply(run) if run else None)
        self.results = self.check.results(replies)
        return self.results

    def _show(self, check: ToolCheck, job: "WorkJob", runner: "Runner | None") -> None:
        self.check, self.job, self.runner, self.results, self.is_open = check, job, runner, None, True


def _jobs() -> "JobRepository":
    from core.runner.repository import JobRepository

    return JobRepository(resources.store(), session.OWNER)
