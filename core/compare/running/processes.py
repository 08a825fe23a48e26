"""The work for boards in all processes that share a database: what runs, and how it is stopped."""

import asyncio
from collections.abc import Sequence

from core.compare.judging.job import CAPABILITY as JUDGE_CAPABILITY
from core.compare.running.jobs import CAPABILITY, unfinished_work
from core.runner.repository import JobRepository
from core.runner.runners import Runners
from core.runner.work import WorkJob


def running_work(jobs: JobRepository, capability: str) -> dict[str, list[WorkJob]]:
    """Return the jobs that any process runs, by the id of their board. Blocking."""
    by_board: dict[str, list[WorkJob]] = {}
    for job in jobs.running(capability):
        by_board.setdefault(job.data["board_id"], []).append(job)
    return by_board


async def stop_work(
    runners: Runners, jobs: JobRepository, board_id: str, capability: str
) -> Sequence[WorkJob]:
    """Stop the jobs of a board, and return them when what has arrived in this process is saved."""
    work = await asyncio.to_thread(unfinished_work, jobs, board_id, capability)
    await runners.stop(work, jobs)
    return work


async def cancel_board(runners: Runners, jobs: JobRepository, board_id: str) -> None:
    """Stop the cells and the judge of a board that was deleted, and cancel what they have left.

    Its batches are cancelled by `core.compare.running.batch`.
    """
    for capability in (CAPABILITY, JUDGE_CAPABILITY):
        for job in await stop_work(runners, jobs, board_id, capability):
            await asyncio.to_thread(jobs.queue(job.id).cancel_waiting)
