"""Runs the judges of boards in the background: started, followed and stopped."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from core.calls import CallService
from core.compare.boards.board import Board
from core.compare.boards.cells import Cells
from core.compare.judging.job import CAPABILITY, JudgeJob, judge_job
from core.compare.judging.repository import JudgingRepository
from core.compare.judging.verdicts import pairs_to_judge
from core.compare.running.processes import stop_work
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import Budget, ItemState, WorkJob

if TYPE_CHECKING:
    from core.client.profile import Profile

NO_BUDGET = Budget()
_MAX_ITEMS = 100_000


@dataclass(slots=True)
class JudgeRuns:
    """The judges that this process runs. `start` and `stop` run on the event loop of *runners*."""

    runners: Runners
    _started: dict[tuple[str, str], Runner] = field(default_factory=dict)

    async def start(
        self,
        board: Board,
        cells: Cells,
        calls: CallService,
        profiles: "Mapping[str, Profile]",
        budget: Budget = NO_BUDGET,
    ) -> None:
        """Judge the pairs of *cells* on which the judge of *board* has no verdict, for *budget* at most.

        What an earlier start of the same judge has left is continued, also one of another process, and that
        of another judge or of replies that have changed since is cancelled. Raises PlaygroundError without a
        judge, its server, or pairs.
        """
        profile = profiles.get(board.judge.profile_id) if board.judge else None
        if profile is None:
            raise PlaygroundError("The server of the judge was removed", "Choose its model again.")
        store = await asyncio.to_thread(calls.open_store)
        jobs, judging = JobRepository(store, calls.owner), JudgingRepository(store, calls.owner)
        job = await asyncio.to_thread(_job, board, cells, jobs, judging, profile)
        job = await asyncio.to_thread(_with_budget, job, jobs, budget)
        work = JudgeJob.of(job, judging)
        self._started[calls.owner, board.id] = await self.runners.start(
            job, calls, profile, work.prepare, work.save
        )

    async def stop(self, board_id: str, jobs: JobRepository) -> None:
        """Stop the judge of a board in all processes, and return when what has arrived here is saved."""
        await stop_work(self.runners, jobs, board_id, CAPABILITY)

    def runner(self, board_id: str, owner: str) -> Runner | None:
        """Return the latest runner of the judge of a board, which may have ended. Thread-safe."""
        return self._started.get((owner, board_id))


def _job(
    board: Board, cells: Cells, jobs: JobRepository, judging: JudgingRepository, profile: "Profile"
) -> WorkJob:
    """Return the saved job to run. Blocking."""
    assert board.judge
    pairs = pairs_to_judge(cells, judging.verdicts(board.id, board.judge.digest))
    if not pairs:
        raise PlaygroundError("There is nothing to judge", "Run the board with two variants first.")
    new_job, items = judge_job(board, cells, pairs, board.judge, profile)
    keys = {item.key for item in items}
    while True:
        number = jobs.latest_number([CAPABILITY])
        for job in jobs.list(CAPABILITY, unfinished=True):
            earlier = JudgeJob.of(job, judging)
            if earlier.board_id != board.id:
                continue
            queue = jobs.queue(job.id)
            waiting = {item.key for item in queue.items((ItemState.WAITING,), _MAX_ITEMS)}
            if earlier.judge.digest == board.judge.digest and waiting <= keys:
                queue.enqueue(items)
                return job
            queue.cancel_waiting()
        # Else another session may just have started the same judge, whose job is continued then.
        if jobs.create_after(number, [CAPABILITY], [(new_job, items)]):
            return new_job


def _with_budget(job: WorkJob, jobs: JobRepository, budget: Budget) -> WorkJob:
    """Return *job* with *budget* for what is left, beside what it has spent before. Blocking."""
    spent = jobs.queue(job.id).progress()
    own = Budget(
        None if budget.cost is None else spent.cost + budget.cost,
        None if budget.tokens is None else spent.tokens + budget.tokens,
    )
    jobs.set_budget(job.id, own)
    return replace(job, budget=own)
