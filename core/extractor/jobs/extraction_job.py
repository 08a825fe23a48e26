"""A job whose items are texts to extract from in the same way; all that it needs is saved with it."""

from typing import TYPE_CHECKING, Any

from core.completions.request import ChatSettings
from core.extractor.request import Extraction, build_request, new_call
from core.json_schema.schema import SchemaDocument
from core.runner.work import WorkItem, WorkJob, WorkRequest

if TYPE_CHECKING:
    from core.client.profile import Profile


def extraction_job(
    capability: str, extraction: Extraction, profile: "Profile", settings: ChatSettings, title: str
) -> WorkJob:
    """Create a job that extracts as *extraction* says, from the text of each item instead of its own.

    Raises PlaygroundError if no request can be made for its schema.
    """
    # Nobody watches the single replies.
    settings = settings.model_copy(update={"stream": False})
    build_request(extraction, settings)
    data = {
        "name": extraction.document.name,
        "schema": extraction.document.schema,
        "method": extraction.method,
        "strict": extraction.strict,
        "instructions": extraction.instructions,
        "settings": settings.model_dump(mode="json", exclude_defaults=True),
    }
    return WorkJob(capability, profile.id, profile.base_url, settings.model, title, data=data)


def job_schema(job: WorkJob) -> SchemaDocument:
    return SchemaDocument(job.data["name"], job.data["schema"])


def item_extraction(job: WorkJob, data: dict[str, Any]) -> Extraction:
    """Return what the item with *data* extracts."""
    options = job.data["method"], job.data["strict"], job.data["instructions"]
    return Extraction(job_schema(job), data["text"], *options)


def item_request(job: WorkJob, item: WorkItem) -> WorkRequest:
    """Build the request of an item."""
    extraction = item_extraction(job, item.data)
    settings = ChatSettings.model_validate(job.data["settings"])
    call = new_call(extraction.method, settings.api)
    return WorkRequest(build_request(extraction, settings), call)
