"""What a worker can run: how the requests of a job are made, and its results saved, by its capability."""

from collections.abc import Callable
from functools import partial

from core.compare.boards.repository import BoardRepository
from core.compare.judging import job as judge_jobs
from core.compare.judging.repository import JudgingRepository
from core.compare.running import jobs as board_jobs
from core.errors.types import PlaygroundError
from core.extractor.jobs import document_job
from core.extractor.results.repository import ExtractionRepository
from core.runner.options import OnEnd, Prepare
from core.runner.work import WorkJob
from core.storage.store import Store

Handler = tuple[Prepare, OnEnd]


def _board(job: WorkJob, store: Store, owner: str) -> Handler:
    variant = board_jobs.VariantJob.of(job)
    return variant.prepare, partial(variant.save, repository=BoardRepository(store, owner))


def _judge(job: WorkJob, store: Store, owner: str) -> Handler:
    judge = judge_jobs.JudgeJob.of(job, JudgingRepository(store, owner))
    return judge.prepare, judge.save


def _documents(job: WorkJob, store: Store, owner: str) -> Handler:
    extractor = document_job.DocumentExtractor(job, ExtractionRepository(store, owner))
    return extractor.prepare, extractor.save


# Other jobs depend on files or tools of the app, measure it, or are over before a worker could begin.
_HANDLERS: dict[str, Callable[[WorkJob, Store, str], Handler]] = {
    board_jobs.CAPABILITY: _board,
    judge_jobs.CAPABILITY: _judge,
    document_job.CAPABILITY: _documents,
}
CAPABILITIES = frozenset(_HANDLERS)


def handler_of(job: WorkJob, store: Store, owner: str) -> Handler:
    """Return what prepares and saves the items of *job*. Raises PlaygroundError."""
    if job.capability not in _HANDLERS:
        raise PlaygroundError(f"A worker cannot run jobs of {job.capability}")
    return _HANDLERS[job.capability](job, store, owner)
