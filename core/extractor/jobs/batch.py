"""Extract from documents by a batch: their requests leave, and the responses come back as rows.

The documents are the items of a job, which waits for the results instead of being run.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.completions.call import run_of_reply
from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.jobs.document_job import DocumentExtractor, document_job, work_items
from core.extractor.request import Extraction
from core.extractor.results.repository import ExtractionRepository
from core.runner.external_results import ExternalResult, ResultReader, complete_items
from core.runner.queue import DatabaseQueue
from core.runner.work import WorkJob

if TYPE_CHECKING:
    from core.client.profile import Profile

# Not that of the jobs which the Extractor page can resume.
CAPABILITY = "extractor.batch"


def batch_job(extraction: Extraction, profile: "Profile", settings: ChatSettings, title: str) -> WorkJob:
    """Create the job of documents that are extracted by a batch; save it with the `work_items` of them.

    Raises PlaygroundError if no request can be made for its schema.
    """
    return replace(document_job(extraction, profile, settings, title), capability=CAPABILITY)


def batch_requests(
    job: WorkJob, documents: Sequence[TextDocument], repository: ExtractionRepository
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the body of the request of each document of *job*."""
    extractor = DocumentExtractor(job, repository)
    for item in work_items(documents):
        yield item.key, extractor.prepare(item).params


def save_batch_results(
    job: WorkJob,
    queue: DatabaseQueue,
    repository: ExtractionRepository,
    results: Mapping[str, ExternalResult],
    profile: "Profile",
) -> int:
    """Save a row for each of *results*, by the keys of `batch_requests`, and return how many are new.

    It can be repeated, such as after the retry of documents that failed. Blocking.
    """
    extractor = DocumentExtractor(job, repository)
    reader = ResultReader(extractor.prepare, run_of_reply, extractor.save)
    return complete_items(job, queue, results, profile, reader)
