"""Run cells of a board by a batch: their requests leave, and the responses come back as results.

The cells are the items of a job with this capability, which is not run: its requests become a batch
(`core.batches.hand_over`), of one variant each as a batch has one model, and the results complete its items.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.apis import run_of_reply
from core.batches.account import account_id, is_in_account
from core.batches.batch import BatchStatus
from core.batches.hand_over import batches_of_job
from core.batches.remote.cancellation import cancel_for_good
from core.batches.repository import BatchRepository
from core.client.client import create_client_async
from core.compare.boards.board import Board, CellKey
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import BATCH_CAPABILITY, VariantJob, new_job, unfinished_work
from core.compare.variants.variant import Variant
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.runner.external_results import ExternalResult, ResultReader, complete_items
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.work import WorkItem, WorkJob

if TYPE_CHECKING:
    from core.client.profile import Profile


def batch_job(
    board: Board, variant: Variant, keys: Sequence[CellKey], profile: "Profile"
) -> tuple[WorkJob, list[WorkItem]]:
    """Create the job for the cells at *keys* of *variant*. Once it is saved, they are under way."""
    return new_job(board, variant, keys, profile, BATCH_CAPABILITY)


def batch_requests(job: WorkJob, items: Sequence[WorkItem]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the body of the request of each of *items*."""
    work = VariantJob.of(job)
    for item in items:
        yield item.key, work.prepare(item).params


def save_batch_results(
    job: WorkJob,
    queue: DatabaseQueue,
    repository: BoardRepository,
    results: Mapping[str, ExternalResult],
    profile: "Profile",
) -> int:
    """Make *results*, by the keys of `batch_requests`, those of their cells, and return how many are new.

    It can be repeated, such as after the retry of requests that failed. Blocking.
    """
    work = VariantJob.of(job)
    reader = ResultReader(work.prepare, run_of_reply, partial(work.save, repository=repository))
    return complete_items(job, queue, results, profile, reader)


async def cancel_batches(
    board_id: str, jobs: JobRepository, batches: BatchRepository, profiles: "Mapping[str, Profile]"
) -> None:
    """Cancel the batches of a board that was deleted.

    What was made of their requests is paid, and becomes cells if the board is restored. Raises
    PlaygroundError after all others if one cannot be cancelled.
    """
    problem: PlaygroundError | None = None
    for job in await asyncio.to_thread(unfinished_work, jobs, board_id, BATCH_CAPABILITY):
        try:
            await _cancel_batches_of(job, jobs, batches, profiles.get(job.profile_id))
        except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
            detail = explain(error)
            problem = PlaygroundError(
                f"The batch of {job.title} was not cancelled",
                "Cancel it on the Batches page, or its requests are made and paid.",
                detail=f"{detail.title} {detail.detail}".strip(),
            )
    if problem:
        raise problem


async def _cancel_batches_of(
    job: WorkJob, jobs: JobRepository, batches: BatchRepository, profile: "Profile | None"
) -> None:
    records = await asyncio.to_thread(batches_of_job, batches, job.id)
    for record in records:
        if record.job_id:  # its requests are made now, instead of a batch
            await asyncio.to_thread(jobs.queue(record.job_id).cancel_waiting)
        elif record.status == BatchStatus.PREPARED or record.status.is_active or record.waits_for_queue:
            if profile is None or not is_in_account(record, account_id(profile)):
                raise PlaygroundError("It was submitted to another server, or with another key.")
            await cancel_for_good(await create_client_async(profile), batches, record)
    records = await asyncio.to_thread(batches_of_job, batches, job.id)
    if not any(record.remote_id or record.job_id for record in records):
        # No result will ever come, also not for a board that is restored.
        await asyncio.to_thread(jobs.queue(job.id).cancel_waiting)
