"""Documents of the extractor leave as a batch, and its results come back as rows."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.hand_over import batches_of_job, job_results, prepare_job_batch
from core.batches.repository import BatchRepository
from core.batches.results.results import ResultTable
from core.batches.retry import prepare_retry
from core.completions.request import ChatSettings
from core.extractor.documents import TextDocument
from core.extractor.jobs.batch import CAPABILITY, batch_requests, save_batch_results
from core.extractor.jobs.document_job import work_items
from core.extractor.jobs.extraction_job import extraction_job
from core.extractor.request import Extraction, Method
from core.extractor.results.outcome import OutcomeKind
from core.extractor.results.repository import ExtractionRepository
from core.extractor.schemas.presets import presets
from core.generation.api_name import ApiName
from core.runner.queue import DatabaseQueue
from core.runner.repository import JobRepository
from core.runner.work import WorkJob
from core.sandbox.server import SandboxServer
from core.storage.run_repository import RunRepository
from tests.sandbox.batches.app_batches import AppBatches
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PRESET = presets()["invoice"]
DOCUMENTS = [TextDocument(f"doc {number}", PRESET.texts["en"]) for number in range(10)]


class ExtractorBatch:
    """A job of documents, its batches, and the rows that come out."""

    def __init__(
        self,
        batches: AppBatches,
        server: SandboxServer,
        method: Method = "parse",
        api: ApiName = "chat.completions",
    ) -> None:
        self.batches, self.profile = batches, profile_for(server.url, server.key)
        self.rows = ExtractionRepository(batches.repository.store)
        settings = ChatSettings(model="gpt-4o-mini", stream=True, api=api)
        self.api = api
        extraction = Extraction(PRESET.document, "", method)
        self.job: WorkJob = extraction_job(CAPABILITY, extraction, self.profile, settings, "Invoices")
        self.queue: DatabaseQueue = JobRepository(batches.repository.store, "local").create(
            self.job, work_items(DOCUMENTS)
        )

    async def submit(self, **options: str) -> str:
        requests = batch_requests(self.job, DOCUMENTS)
        record = prepare_job_batch(
            requests, self.job, str(self.batches.client.base_url), self.batches.directory, api=self.api
        )
        return (await self.batches.join(await self.batches.submit_record(record, **options))).id

    def load(self) -> int:
        results = job_results(self.batches.repository, self.job.id, self.batches.directory)
        return save_batch_results(self.job, self.queue, self.rows, results, self.profile)

    def outcomes(self) -> list[tuple[str, OutcomeKind]]:
        rows = self.rows.rows(PRESET.document.digest)
        return sorted((row.document, row.outcome) for row in rows)


@pytest.fixture
def batches(app_client: "AsyncOpenAI", repository: BatchRepository, tmp_path: Path) -> AppBatches:
    return AppBatches(app_client, repository, tmp_path)


@pytest.mark.parametrize(
    ("method", "api"),
    [
        ("parse", "chat.completions"),
        ("json_schema", "chat.completions"),
        ("parse", "responses"),
        ("json_object", "responses"),
    ],
)
async def test_brings_back_a_row_for_each_document(
    batches: AppBatches, server: SandboxServer, method: Method, api: ApiName
) -> None:
    extraction = ExtractorBatch(batches, server, method, api)
    batch_id = await extraction.submit()
    assert extraction.load() == 10
    assert extraction.load() == 0

    assert extraction.outcomes() == [(document.name, OutcomeKind.VALID) for document in DOCUMENTS]
    [row, *_] = extraction.rows.rows(PRESET.document.digest)
    assert "INV-2026-0417" in str(row.value)
    run = RunRepository(batches.repository.store).get(row.run_id)
    assert (run.capability, run.finish_reason, run.total) == (CAPABILITY, "stop", None)
    assert run.cost
    record = batches.repository.get(batch_id)
    assert record.source == "extractor"
    assert extraction.queue.progress().is_complete
    assert batches_of_job(batches.repository, extraction.job.id) == [record]


async def test_replaces_failed_rows_after_a_retry(
    batches: AppBatches, server: SandboxServer, tmp_path: Path
) -> None:
    extraction = ExtractorBatch(batches, server)
    batch_id = await extraction.submit(outcome="lines-fail")
    extraction.load()
    kinds = [kind for _, kind in extraction.outcomes()]
    assert (kinds.count(OutcomeKind.VALID), kinds.count(OutcomeKind.FAILED)) == (8, 2)

    table = ResultTable(batches.repository.store, batch_id)
    retry = prepare_retry(batches.repository.get(batch_id), table, tmp_path)
    await batches.join(await batches.submit_record(retry))

    assert extraction.load() == 2
    assert {kind for _, kind in extraction.outcomes()} == {OutcomeKind.VALID}
    assert len(extraction.outcomes()) == 10


async def test_leaves_documents_without_a_result(batches: AppBatches, server: SandboxServer) -> None:
    extraction = ExtractorBatch(batches, server)
    assert extraction.load() == 0
    await extraction.submit(outcome="expire")
    assert extraction.load() == 10
    failed = [document for document, kind in extraction.outcomes() if kind is OutcomeKind.FAILED]
    assert len(failed) == 5
    assert extraction.load() == 0
