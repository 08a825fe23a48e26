"""The rows of documents are saved by schema and job, searched and deleted."""

import json

import pytest

from core.completions.request import ChatSettings
from core.errors.types import Explanation
from core.extractor.documents import TextDocument
from core.extractor.jobs.document_job import CAPABILITY, DocumentExtractor, work_items
from core.extractor.jobs.extraction_job import extraction_job
from core.extractor.request import Extraction
from core.extractor.results.outcome import Outcome, OutcomeKind
from core.extractor.results.repository import ExtractedRow, ExtractionRepository, RowFilter
from core.extractor.schemas.presets import presets
from core.json_schema.schema import SchemaDocument
from core.json_schema.validation import Problem
from core.runner.repository import JobRepository
from core.runs.run import Run, RunState
from core.storage.store import Store
from tests.unit.conftest import profile_for

NEWS = presets()["news"]
VALUE = {"title": "T", "summary": "=1+1", "sentiment": "positive", "keywords": ["a", "b"]}


@pytest.fixture
def repository(store: Store) -> ExtractionRepository:
    return ExtractionRepository(store)


def save(repository: ExtractionRepository, item: str, outcome: Outcome, name: str = "a") -> None:
    repository.save_row(("job", item), NEWS.document.digest, TextDocument(name, "The text"), (outcome, "run"))


def test_makes_the_request_of_each_document_and_saves_its_row(repository: ExtractionRepository) -> None:
    extraction = Extraction(NEWS.document, "", "json_schema")
    profile = profile_for("http://127.0.0.1:9/v1")
    job = extraction_job(CAPABILITY, extraction, profile, ChatSettings(model="gpt-4o-mini"), "")
    extractor = DocumentExtractor(job, repository)
    (item,) = work_items([TextDocument("first", "The text", {"title": "T"})])

    request = extractor.prepare(item)
    run = Run(
        "extractor", "", request.params, text=json.dumps(VALUE), state=RunState.DONE, finish_reason="stop"
    )
    # A runner may report an item twice if it is killed in between.
    extractor.save(item, run)
    extractor.save(item, run)

    assert request.params["messages"][-1]["content"] == "The text"
    assert request.params["response_format"]["json_schema"]["schema"] == NEWS.document.schema
    (row,) = repository.rows(NEWS.document.digest)
    assert (row.document, row.outcome, row.value, row.run_id) == ("first", OutcomeKind.VALID, VALUE, run.id)
    assert row.expected == {"title": "T"}


@pytest.mark.parametrize(
    ("state", "error", "rows"),
    [
        (RunState.STOPPED, None, 0),
        (RunState.INTERRUPTED, None, 0),
        (RunState.INTERRUPTED, Explanation("The connection was lost", ""), 1),
        (RunState.FAILED, Explanation("Bad request", ""), 1),
    ],
)
def test_has_no_row_for_a_document_that_waits_again(
    repository: ExtractionRepository, state: RunState, error: Explanation | None, rows: int
) -> None:
    job = extraction_job(
        CAPABILITY,
        Extraction(NEWS.document, ""),
        profile_for("http://127.0.0.1:9/v1"),
        ChatSettings(model="m"),
        "",
    )
    (item,) = work_items([TextDocument("first", "The text")])

    DocumentExtractor(job, repository).save(item, Run("extractor", "", {}, state=state, error=error))

    assert len(repository.rows(NEWS.document.digest)) == rows


def test_saves_values_with_half_a_surrogate_pair(repository: ExtractionRepository) -> None:
    save(
        repository, "1", Outcome(OutcomeKind.MISMATCH, {"title": "\ud800"}, (Problem(("title",), "\ud800"),))
    )
    (row,) = repository.rows(NEWS.document.digest)
    repository.edit(row.id, {**row.value, "summary": "\udfff"}, NEWS.document.schema)

    (row,) = repository.rows(NEWS.document.digest)
    assert row.value == {"title": "\ufffd", "summary": "\ufffd"}


def test_searches_rows_and_separates_schemas(repository: ExtractionRepository) -> None:
    save(repository, "1", Outcome(OutcomeKind.VALID, {"title": "100%"}))
    save(repository, "2", Outcome(OutcomeKind.MISMATCH, {"title": "하나"}, (Problem(("title",), "x"),)))

    digest = NEWS.document.digest
    assert [row.value["title"] for row in repository.rows(digest)] == ["100%", "하나"]
    assert [row.value["title"] for row in repository.rows(digest, RowFilter("0%"))] == ["100%"]
    assert repository.count(digest, RowFilter("하나")) == 1
    assert repository.rows(digest, RowFilter("%%")) == []
    assert repository.rows("other") == []
    assert ExtractionRepository(repository._store, "somebody").rows(digest) == []


def test_lists_the_newest_job_first_and_its_documents_in_order(repository: ExtractionRepository) -> None:
    for job, key in [("old", "000010"), ("old", "000002"), ("new", "000001"), ("old", "000003")]:
        result = Outcome(OutcomeKind.VALID, VALUE), "run"
        repository.save_row((job, key), NEWS.document.digest, TextDocument(f"{job} {key}", ""), result)

    digest = NEWS.document.digest
    names = [row.document for row in repository.rows(digest)]
    assert names == ["new 000001", "old 000002", "old 000003", "old 000010"]
    assert [row.document for row in repository.rows(digest, RowFilter(job_id="new"))] == ["new 000001"]
    assert repository.count(digest, RowFilter("00000", "old")) == 2


def test_names_the_jobs_of_the_rows(repository: ExtractionRepository, store: Store) -> None:
    profile = profile_for("http://127.0.0.1:9/v1")
    job = extraction_job(CAPABILITY, Extraction(NEWS.document, ""), profile, ChatSettings(model="m"), "News")
    JobRepository(store, "local").create(job, [])
    document = TextDocument("a", "", {"title": "T"})
    result = Outcome(OutcomeKind.VALID, VALUE), "run"
    repository.save_row((job.id, "0"), NEWS.document.digest, document, result)
    save(repository, "1", Outcome(OutcomeKind.VALID, VALUE))

    (source,) = repository.sources(NEWS.document.digest)
    assert (source.job_id, source.title, source.rows) == (job.id, "News", 1)
    assert repository.compared(NEWS.document.digest) == [(VALUE, {"title": "T"})]


def test_saves_why_a_request_failed(repository: ExtractionRepository) -> None:
    save(repository, "1", Outcome(OutcomeKind.FAILED, error="The API key was rejected"))
    save(repository, "2", Outcome(OutcomeKind.REFUSAL, refusal="I cannot help with that."))

    rows = repository.rows(NEWS.document.digest)
    assert [row.problems for row in rows] == [("The API key was rejected",), ("I cannot help with that.",)]


def test_numbers_the_versions_of_a_schema_by_content(repository: ExtractionRepository) -> None:
    changed = SchemaDocument("NewsItem", {**NEWS.document.schema, "description": "x"})
    reordered = SchemaDocument("NewsItem", dict(reversed(NEWS.document.schema.items())))
    for document in (NEWS.document, changed, NEWS.document, reordered):
        repository.save_schema(document)
    save(repository, "1", Outcome(OutcomeKind.VALID, VALUE))

    saved = [(schema.version, schema.rows) for schema in repository.schemas()]
    assert saved == [(2, 0), (1, 1)]
    assert repository.schemas()[0].document == changed


def test_names_the_invalid_fields_of_a_row() -> None:
    row = ExtractedRow("1", "a", "", OutcomeKind.MISMATCH, {}, ("a: x", "list[0].b: y", "$: z"), "run")

    assert [name for name in ("a", "b", "list", "li") if row.is_invalid(name)] == ["a", "list"]


def test_finds_saved_schemas_and_runs(repository: ExtractionRepository) -> None:
    repository.save_schema(NEWS.document)
    save(repository, "1", Outcome(OutcomeKind.VALID, VALUE))

    assert repository.schema(NEWS.document.digest) == NEWS.document
    assert repository.schema("other") is None
    assert repository.saved_runs(["run", "other"]) == {"run"}


def test_deletes_rows(repository: ExtractionRepository) -> None:
    save(repository, "1", Outcome(OutcomeKind.VALID, VALUE))

    repository.delete([row.id for row in repository.rows(NEWS.document.digest)])

    assert repository.count(NEWS.document.digest) == 0
