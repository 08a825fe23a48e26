"""Runs the cells of boards in the background: started, followed, stopped and resumed."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from core.calls import CallService
from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import ALL_UNFINISHED, CellState, cell_states, keys_to_run, request_digests
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import (
    BATCH_CAPABILITY,
    CAPABILITIES,
    CAPABILITY,
    VariantJob,
    is_outdated,
    keys_under_way,
    new_job,
    unfinished_jobs,
)
from core.compare.running.processes import stop_work
from core.errors.types import Explanation
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import Budget, RunnerState, WorkItem, WorkJob, WorkProgress

if TYPE_CHECKING:
    from core.client.profile import Profile

NO_BUDGET = Budget()
_NO_SERVER = Explanation("The server of this variant was removed", "Choose a model of another server.")


@dataclass(frozen=True, slots=True)
class BoardProgress:
    """The cells that the latest start of a board has taken on, and the errors that ended a variant early."""

    work: WorkProgress
    is_running: bool
    errors: Mapping[str, Explanation]
    is_over_budget: bool = False


class BoardRuns:
    """The boards that this process runs. Its methods run on the event loop of *runners*.

    `progress` may be read from any thread.
    """

    def __init__(self, runners: Runners) -> None:
        self._runners = runners
        self._started: dict[tuple[str, str], dict[str, Runner]] = {}
        self._errors: dict[tuple[str, str], dict[str, Explanation]] = {}

    async def start(
        self,
        board: Board,
        calls: CallService,
        profiles: "Mapping[str, Profile]",
        wanted: Iterable[CellState] = ALL_UNFINISHED,
        budget: Budget = NO_BUDGET,
    ) -> int:
        """Run the cells of *board* in one of the *wanted* states, and return how many are run.

        Cells that an earlier start has left are continued if missing ones are wanted. Nothing that is under
        way, here or in another process, is requested again. *profiles* are the servers by id. *budget* is
        divided among the variants by the number of their cells.
        """
        store = await asyncio.to_thread(calls.open_store)
        repository, jobs = BoardRepository(store, calls.owner), JobRepository(store, calls.owner)
        plan = await asyncio.to_thread(_plan, board, repository, jobs, profiles, set(wanted))
        await asyncio.to_thread(_divide_budget, plan, jobs, budget)
        started = {
            job.job.id: await self._runners.start(
                job.job,
                calls,
                profiles[job.variant.profile_id],
                job.prepare,
                partial(job.save, repository=repository),
            )
            for job in plan.jobs
        }
        place = calls.owner, board.id
        running = {job_id: runner for job_id, runner in self._of(*place).items() if runner.is_running}
        self._started[place] = {**running, **started}
        self._errors[place] = dict.fromkeys(plan.without_server, _NO_SERVER)
        return plan.cells

    async def stop(self, board_id: str, jobs: JobRepository) -> None:
        """Stop the calls of a board in all processes, and return when what has arrived here is saved.

        The other cells are left.
        """
        await stop_work(self._runners, jobs, board_id, CAPABILITY)

    async def wait(self, board_id: str, owner: str) -> None:
        """Return when all calls of a board have ended and are saved."""
        await asyncio.gather(*(runner.ended.wait() for runner in self._of(owner, board_id).values()))

    def progress(self, board_id: str, owner: str) -> BoardProgress:
        """Return how far the latest start of a board is."""
        runners = list(self._of(owner, board_id).values())
        errors = dict(self._errors.get((owner, board_id), {}))
        for runner in runners:
            if runner.error:
                errors[VariantJob.of(runner.job).variant.id] = runner.error
        work = WorkProgress()
        for progress in (runner.progress for runner in runners):
            work = _sum(work, progress)
        return BoardProgress(
            work,
            any(runner.is_running for runner in runners),
            errors,
            any(runner.state is RunnerState.OVER_BUDGET for runner in runners),
        )

    def _of(self, owner: str, board_id: str) -> dict[str, Runner]:
        return self._started.get((owner, board_id), {})


def shared_progress(own: BoardProgress, jobs: JobRepository, work: Sequence[WorkJob]) -> BoardProgress:
    """Return *own* progress of a board, or if this process runs none of it, that of the *work* of others.

    *work* is what `running_work` returns. Blocking.
    """
    if own.is_running or not work:
        return own
    total = WorkProgress()
    for job in work:
        total = _sum(total, jobs.queue(job.id).progress())
    return BoardProgress(total, is_running=True, errors={})


@dataclass(slots=True)
class _Plan:
    """The jobs to run with the number of their *cells*, and the variants whose server was removed.

    *new* are those of the jobs that are not saved yet, with their items.
    """

    jobs: list[VariantJob] = field(default_factory=list)
    new: list[tuple[WorkJob, list[WorkItem]]] = field(default_factory=list)
    cells: int = 0
    without_server: list[str] = field(default_factory=list)


def _plan(
    board: Board,
    repository: BoardRepository,
    jobs: JobRepository,
    profiles: "Mapping[str, Profile]",
    wanted: set[CellState],
) -> _Plan:
    """Save the jobs of what is *wanted* and not under way. Blocking."""
    while True:
        number = jobs.latest_number(CAPABILITIES)
        plan = _read_plan(board, repository, jobs, profiles, wanted)
        # Else the same cells may just have been started by another session: they are under way now.
        if not plan.new or jobs.create_after(number, CAPABILITIES, plan.new):
            return plan


def _read_plan(
    board: Board,
    repository: BoardRepository,
    jobs: JobRepository,
    profiles: "Mapping[str, Profile]",
    wanted: set[CellState],
) -> _Plan:
    plan = _Plan()
    under_way = _continue_jobs(plan, board, jobs, profiles, is_wanted=CellState.MISSING in wanted)
    states = cell_states(board, repository.cells(board.id))
    by_variant: dict[str, list[CellKey]] = {}
    for key in keys_to_run(states, wanted, under_way):
        by_variant.setdefault(key.variant_id, []).append(key)
    for variant in board.enabled_variants:
        keys, profile = by_variant.get(variant.id, []), profiles.get(variant.profile_id)
        if keys and profile is None:
            plan.without_server.append(variant.id)
        elif keys and profile:
            job, items = new_job(board, variant, keys, profile)
            plan.new.append((job, items))
            plan.jobs.append(VariantJob.of(job))
            plan.cells += len(keys)
    return plan


def _divide_budget(plan: _Plan, jobs: JobRepository, budget: Budget) -> None:
    """Let each job spend its share of *budget*, beside what it has spent before. Blocking."""
    for index, each in enumerate(plan.jobs):
        progress = jobs.queue(each.job.id).progress()
        share = Decimal(progress.waiting + progress.running) / max(plan.cells, 1)
        own = Budget(
            None if budget.cost is None else progress.cost + budget.cost * share,
            None if budget.tokens is None else progress.tokens + int(budget.tokens * share),
        )
        jobs.set_budget(each.job.id, own)
        plan.jobs[index] = replace(each, job=replace(each.job, budget=own))


def _continue_jobs(
    plan: _Plan, board: Board, jobs: JobRepository, profiles: "Mapping[str, Profile]", *, is_wanted: bool
) -> set[CellKey]:
    """Add what earlier starts have left to *plan*, if that *is_wanted*, and return the places of it.

    What would send anything else than the board does now is cancelled.
    """
    digests = request_digests(board)
    under_way: set[CellKey] = set()
    for job in unfinished_jobs(jobs, board.id):
        queue = jobs.queue(job.job.id)
        if is_outdated(job, digests):
            queue.cancel_waiting()
            continue
        keys = set(keys_under_way(queue, job))
        under_way |= keys
        if is_wanted and job.variant.profile_id in profiles:
            plan.jobs.append(job)
            plan.cells += len(keys)
    for job in unfinished_jobs(jobs, board.id, BATCH_CAPABILITY):
        if not is_outdated(job, digests):
            under_way.update(keys_under_way(jobs.queue(job.job.id), job))
    return under_way


def _sum(a: WorkProgress, b: WorkProgress) -> WorkProgress:
    """Add up two jobs that run at the same time."""
    return WorkProgress(
        a.waiting + b.waiting,
        a.running + b.running,
        a.done + b.done,
        a.failed + b.failed,
        a.cancelled + b.cancelled,
        a.cost + b.cost,
        a.tokens + b.tokens,
        max((eta for eta in (a.eta, b.eta) if eta is not None), default=None),
        a.saving + b.saving,
    )
