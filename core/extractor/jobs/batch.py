"""Extract from documents by a batch: their requests leave, and the responses come back as rows.

The documents are the items of an `extraction_job` with this capability, which is not run: its requests become
a batch (`core.batches.hand_over`), and the results of that complete the items.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.apis import run_of_reply
from core.extractor.documents import TextDocument
from core.extractor.jobs.document_job import DocumentExtractor, work_items
from core.extractor.jobs.extraction_job import item_request
from core.extractor.results.repository import ExtractionRepository
from core.runner.external_results import ExternalResult, ResultReader, complete_items
from core.runner.queue import DatabaseQueue
from core.runner.work import WorkJob

if TYPE_CHECKING:
    from core.client.profile import Profile

# Not that of the jobs which the Extractor page can resume.
CAPABILITY = "extractor.batch"


def batch_requests(job: WorkJob, documents: Sequence[TextDocument]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the key and the body of the request of each document of *job*."""
    for item in work_items(documents):
        yield item.key, item_request(job, item).params


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
