"""The repositories of the Extractor page. They import the database when they are first used."""

from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session

if TYPE_CHECKING:
    from core.batches.repository import BatchRepository
    from core.extractor.results.repository import ExtractionRepository
    from core.runner.repository import JobRepository


def extraction_repository() -> "ExtractionRepository":
    from core.extractor.results.repository import ExtractionRepository

    return ExtractionRepository(resources.store(), session.OWNER)


def job_repository() -> "JobRepository":
    from core.runner.repository import JobRepository

    return JobRepository(resources.store(), session.OWNER)


def batch_repository() -> "BatchRepository":
    from core.batches.repository import BatchRepository

    return BatchRepository(resources.store(), session.OWNER)
