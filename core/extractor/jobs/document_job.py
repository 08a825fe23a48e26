"""Extract from many documents: a job of the runner, which resumes after a stop or a crash."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.request import API, Extraction
from core.extractor.results.outcome import outcome_of
from core.extractor.results.repository import ExtractionRepository
from core.json_schema.schema import SchemaDocument
from core.runner.work import WorkItem, WorkJob, WorkRequest
from core.runs.run import Run

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "extractor"


def document_job(extraction: Extraction, profile: "Profile", settings: ChatSettings, title: str) -> WorkJob:
    """Create a job that extracts as *extraction* says; its text is replaced by that of each document.

    Raises PlaygroundError if no request can be made for its schema.
    """
    API.build(extraction, settings)
    data = {
        "name": extraction.document.name,
        "schema": extraction.document.schema,
        "method": extraction.method,
        "strict": extraction.strict,
        "instructions": extraction.instructions,
        "settings": settings.model_dump(mode="json", exclude_defaults=True),
    }
    return WorkJob(CAPABILITY, profile.id, profile.base_url, settings.model, title, data=data)


def work_items(documents: Sequence[TextDocument]) -> list[WorkItem]:
    """Return an item for each document, whose keys have the order of the documents."""
    return [WorkItem(f"{number:06d}", asdict(document)) for number, document in enumerate(documents)]


def job_schema(job: WorkJob) -> SchemaDocument:
    return SchemaDocument(job.data["name"], job.data["schema"])


@dataclass(frozen=True, slots=True)
class DocumentExtractor:
    """Makes the requests of a job and saves what comes out; all that it needs is saved with the job."""

    job: WorkJob
    repository: ExtractionRepository

    def prepare(self, item: WorkItem) -> WorkRequest:
        """Build the request of a document."""
        data: dict[str, Any] = self.job.data
        extraction = Extraction(
            job_schema(self.job), item.data["text"], data["method"], data["strict"], data["instructions"]
        )
        settings = ChatSettings.model_validate(data["settings"])
        return WorkRequest(API.build(extraction, settings), API.call(extraction.method))

    def save(self, item: WorkItem, run: Run) -> None:
        """Save the row of a document; it is replaced if the document is extracted again."""
        document = job_schema(self.job)
        self.repository.save_row(
            (self.job.id, item.key),
            document.digest,
            TextDocument(**item.data),
            (outcome_of(run, document.schema), run.id),
        )
