"""Run cells of a board by a batch: their requests leave, and the responses come back as results.

The cells are the items of a job with this capability, which is not run: its requests become a batch
(`core.batches.hand_over`), of one variant each as a batch has one model, and the results complete its items.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from core.apis import run_of_reply
from core.compare.boards.board import Board, CellKey
from core.compare.boards.repository import BoardRepository
from core.compare.running.jobs import BATCH_CAPABILITY, VariantJob, new_job
from core.compare.variants.variant import Variant
from core.runner.external_results import ExternalResult, ResultReader, complete_items
from core.runner.queue import DatabaseQueue
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
