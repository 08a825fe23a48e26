"""Extract from many documents: a job of the runner, which resumes after a stop or a crash."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from core.extractor.documents import TextDocument
from core.extractor.jobs.extraction_job import item_request, job_schema
from core.extractor.results.outcome import outcome_of
from core.extractor.results.repository import ExtractionRepository
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.run import Run, RunState

CAPABILITY = "extractor"


def work_items(documents: Sequence[TextDocument]) -> list[WorkItem]:
    """Return an item for each document, whose keys have the order of the documents."""
    return [WorkItem(f"{number:06d}", asdict(document)) for number, document in enumerate(documents)]


@dataclass(frozen=True, slots=True)
class DocumentExtractor:
    """Makes the requests of a job and saves what comes out."""

    job: WorkJob
    repository: ExtractionRepository

    def prepare(self, item: WorkItem) -> WorkRequest:
        """Build the request of a document."""
        return item_request(self.job, item)

    def save(self, item: WorkItem, run: Run) -> None:
        """Save the row of a document; it is replaced if the document is extracted again.

        A document whose request was stopped is waiting again and has no row. After a lost connection it has.
        """
        if run.state in (RunState.STOPPED, RunState.INTERRUPTED) and run.error is None:
            return
        document = job_schema(self.job)
        self.repository.save_row(
            (self.job.id, item.key),
            document.digest,
            TextDocument(**item.data),
            (outcome_of(run, document.schema), run.id),
        )
