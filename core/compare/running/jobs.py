"""The jobs of a board: one for each variant, so that one which fails does not stop the others.

A job contains all that its requests are made from. Editing the board does not change what is under way; its
results are stale then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from core.compare.boards.board import Board, CellKey
from core.compare.boards.repository import BoardRepository
from core.compare.variants.requests import request_digest, variant_request
from core.compare.variants.variant import Variant
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.work import ItemState, WorkItem, WorkJob, WorkRequest
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "compare"
BATCH_CAPABILITY = "compare.batch"
CAPABILITIES = (CAPABILITY, BATCH_CAPABILITY)
_MAX_JOBS = 500
_MAX_ITEMS = 100_000


class _VariantJobData(BaseModel):
    """*values* are the variables of each case by its id."""

    board_id: str
    variant: Variant
    values: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class VariantJob:
    """Makes the requests of a job, and saves the results of its cells."""

    job: WorkJob
    board_id: str
    variant: Variant
    values: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, job: WorkJob) -> "VariantJob":
        data = _VariantJobData.model_validate(job.data)
        return cls(job, data.board_id, data.variant, data.values)

    def prepare(self, item: WorkItem) -> WorkRequest:
        """Build the request of a cell."""
        return variant_request(self.variant, self.values[item.data["case"]])

    def key(self, item_data: Mapping[str, Any]) -> CellKey:
        return CellKey(self.variant.id, item_data["case"], item_data["repetition"])

    def digest(self, case_id: str) -> str:
        return request_digest(self.variant, variant_request(self.variant, self.values[case_id]).params)

    def save(self, item: WorkItem, run: Run, repository: BoardRepository) -> None:
        """Make *run* the result of its cell, unless the call was stopped: it is made again."""
        is_stopped = run.state is RunState.STOPPED or (
            run.state is RunState.INTERRUPTED and run.error is None
        )
        if not is_stopped:
            key = self.key(item.data)
            repository.add_cell(self.board_id, key, self.digest(key.case_id), run.id)


def new_job(
    board: Board, variant: Variant, keys: Sequence[CellKey], profile: "Profile", capability: str = CAPABILITY
) -> tuple[WorkJob, list[WorkItem]]:
    """Create a job for the cells at *keys*, all of which are of *variant*."""
    wanted = {key.case_id for key in keys}
    names = variant.variable_names()
    values = {
        case.id: {name: text for name, text in case.variables.items() if name in names}
        for case in board.cases
        if case.id in wanted
    }
    data = _VariantJobData(board_id=board.id, variant=variant, values=values).model_dump(mode="json")
    title = f"{board.name} · {variant.title}"
    job = WorkJob(capability, profile.id, profile.base_url, variant.model, title, data=data)
    return job, [
        WorkItem(f"{key.case_id}/{key.repetition}", {"case": key.case_id, "repetition": key.repetition})
        for key in keys
    ]


def unfinished_jobs(jobs: JobRepository, board_id: str, capability: str = CAPABILITY) -> list[VariantJob]:
    """Return the jobs of a board with cells left to run, the newest first. Blocking."""
    return [VariantJob.of(job) for job in unfinished_work(jobs, board_id, capability)]


def unfinished_work(jobs: JobRepository, board_id: str, capability: str) -> list[WorkJob]:
    """Return the jobs for a board with items left to request, the newest first. Blocking."""
    unfinished = jobs.list(capability, unfinished=True, limit=_MAX_JOBS)
    return [job for job in unfinished if job.data.get("board_id") == board_id]


def keys_under_way(queue: DatabaseQueue, job: VariantJob) -> Iterator[CellKey]:
    """Yield the places that *job* has not run yet. Blocking."""
    for item in queue.items((ItemState.WAITING, ItemState.RUNNING), _MAX_ITEMS):
        yield job.key(item.data)


def is_outdated(job: VariantJob, digests: Mapping[tuple[str, str], str]) -> bool:
    """Whether *job* would send anything else than the board does now, by its `request_digests`."""
    return any(job.digest(case_id) != digests.get((job.variant.id, case_id)) for case_id in job.values)
