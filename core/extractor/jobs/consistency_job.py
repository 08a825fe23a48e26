"""Repeat an extraction, to see how far its results agree: a job of the runner for each model."""

from typing import TYPE_CHECKING

from core.completions.request import ChatSettings
from core.extractor.jobs.extraction_job import extraction_job
from core.extractor.request import Extraction
from core.runner.work import WorkItem, WorkJob

if TYPE_CHECKING:
    from core.client.profile import Profile

CAPABILITY = "extractor-consistency"
MAX_RUNS = 10
MAX_MODELS = 4


def consistency_job(
    extraction: Extraction, profile: "Profile", settings: ChatSettings, runs: int
) -> tuple[WorkJob, list[WorkItem]]:
    """Create a job that sends *extraction* to the model of *settings* several times.

    Raises PlaygroundError if no request can be made for its schema.
    """
    title = f"Consistency of {extraction.document.name}"
    job = extraction_job(CAPABILITY, extraction, profile, settings, title)
    return job, [
        WorkItem(f"{number:06d}", {"name": f"{settings.model} #{number}", "text": extraction.text})
        for number in range(1, runs + 1)
    ]
