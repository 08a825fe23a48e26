"""Documents are read from every kind of file, extracted by a job, and exported without loss."""

import csv
import io
import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.completions.request import ChatSettings
from core.errors.types import PlaygroundError
from core.extractor.documents import (
    MAX_DOCUMENTS,
    CsvColumns,
    TextDocument,
    csv_columns,
    pasted_documents,
    read_documents,
)
from core.extractor.jobs.document_job import CAPABILITY, DocumentExtractor, work_items
from core.extractor.jobs.extraction_job import extraction_job
from core.extractor.request import Extraction
from core.extractor.results.export import rows_file
from core.extractor.results.outcome import Outcome, OutcomeKind
from core.extractor.results.repository import ExtractedRow, ExtractionRepository, RowFilter
from core.extractor.results.validation import Problem
from core.extractor.schemas.presets import presets
from core.json_schema.schema import SchemaDocument
from core.runner.repository import JobRepository
from core.runs.run import Run, RunState
from core.storage.store import Store
from tests.unit.conftest import profile_for

NEWS = presets()["news"]
VALUE = {"title": "T", "summary": "=1+1", "sentiment": "positive", "keywords": ["a", "b"]}


@pytest.mark.parametrize(
    ("name", "data", "texts"),
    [
        ("a.txt", "하나\n둘".encode(), ["하나\n둘"]),
        ("a.md", b"# Title", ["# Title"]),
        ("a.csv", b'id,text\n1,one\n2,\n3,"th,ree"', ["one", "th,ree"]),
        ("a.csv", "번호;본문\n1;하나\n2;둘".encode("cp949"), ["하나", "둘"]),
        ("a.csv", b"id,note\n1,a long note\n2,another", ["a long note", "another"]),
        ("a.jsonl", b'"one"\n\n{"text": "two", "id": 2}\n{"x": 3}', ["one", "two", '{"x": 3}']),
    ],
)
def test_reads_the_documents_of_a_file(name: str, data: bytes, texts: list[str]) -> None:
    assert [document.text for document in read_documents(name, data)] == texts


def test_reads_the_chosen_column_of_a_csv_file() -> None:
    data = b"id,title,note\n1,=Ferry,a long note\n2,Bus,another"

    assert csv_columns("a.csv", data) == CsvColumns(("id", "title", "note"), 2)
    assert [document.text for document in read_documents("a.csv", data, 1)] == ["=Ferry", "Bus"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", b'text,expected\none,"{""title"": ""x""}"\ntwo,\n'),
        ("a.jsonl", b'{"text": "one", "expected": {"title": "x"}}\n{"text": "two"}'),
    ],
)
def test_reads_the_expected_values(name: str, data: bytes) -> None:
    assert [document.expected for document in read_documents(name, data)] == [{"title": "x"}, None]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.exe", b"x", "not a supported file type"),
        ("a.csv", b"text\n", "no documents"),
        ("a.txt", b"\x00\x00\xfe\xff", "no documents"),
        ("a.csv", b"text,expected\none,x", "Row 2: expected is not a JSON object"),
        ("a.jsonl", b'"a"\n{', "Line 2 is not valid JSON"),
        ("a.jsonl", b"[" * 100_000, "Line 1 is not valid JSON"),
        ("a.jsonl", b'"a"\n' * (MAX_DOCUMENTS + 1), "more than 5,000"),
    ],
)
def test_refuses_a_file_without_documents(name: str, data: bytes, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        read_documents(name, data)


def test_separates_pasted_documents_by_lines_of_hyphens() -> None:
    documents = pasted_documents("one\r\n---\r\ntwo\n--- not\n---\n\n---\n")

    assert [document.text for document in documents] == ["one", "two\n--- not"]


@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl", "txt"]))
def test_reads_any_bytes_or_says_why_not(data: bytes, extension: str) -> None:
    documents = []
    with suppress(PlaygroundError):
        documents = read_documents(f"a.{extension}", data)

    assert all(document.text for document in documents)


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


def exported(value: Any, outcome: OutcomeKind = OutcomeKind.VALID) -> ExtractedRow:
    return ExtractedRow("1", "=cmd()", "text", outcome, value, (), "run")


ROWS = [
    exported(VALUE),
    replace(
        exported({"title": 5, "score": 1.5, "problems": "p"}, OutcomeKind.MISMATCH),
        problems=("title: not text",),
    ),
    exported(None, OutcomeKind.REFUSAL),
]
NAMES = ["title", "summary", "keywords", "score", "document", "problems"]


def test_exports_csv_that_a_spreadsheet_does_not_run() -> None:
    text = rows_file(ROWS, NAMES, "csv").decode("utf-8-sig")

    first, second, third = csv.DictReader(io.StringIO(text))
    assert second["problems"] == "title: not text"
    assert first["document"] == "'=cmd()"
    assert first["summary"] == "'=1+1"
    assert first["keywords"] == '["a", "b"]'
    assert (second["title"], second["score"], third["title"]) == ("5", "1.5", "")
    assert second["value.problems"] == "p"
    assert "expected" not in first


def test_exports_the_expected_values() -> None:
    rows = [replace(ROWS[0], expected={"title": "=x"}), ROWS[1]]

    first, second = csv.DictReader(io.StringIO(rows_file(rows, NAMES, "csv").decode("utf-8-sig")))
    assert (first["expected"], second["expected"]) == ('{"title": "=x"}', "")
    assert json.loads(rows_file(rows, NAMES, "json"))[0]["expected"] == {"title": "=x"}


def test_exports_json_and_json_lines_with_the_values_as_they_are() -> None:
    records = json.loads(rows_file(ROWS, NAMES, "json"))

    assert [record["value"] for record in records] == [row.value for row in ROWS]
    assert [json.loads(line) for line in rows_file(ROWS, NAMES, "jsonl").splitlines()] == records


def test_exports_parquet_whose_columns_have_one_type(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_bytes(rows_file(ROWS, NAMES, "parquet"))

    table = pyarrow.parquet.read_table(path).to_pydict()

    assert table["title"] == ["T", "5", None]
    assert table["score"] == [None, 1.5, None]
    assert table["summary"] == ["=1+1", None, None]


@pytest.mark.parametrize("file_format", ["csv", "json", "jsonl", "parquet"])
def test_exports_no_rows(file_format: Any) -> None:
    assert isinstance(rows_file([], NAMES, file_format), bytes)


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(st.characters(codec="utf-8"))
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(NAMES), st.one_of(CELLS, st.lists(CELLS, max_size=2))), max_size=4
    )
)
def test_exports_rows_of_any_values(values: list[dict[str, Any]]) -> None:
    rows = [exported(value) for value in values]

    table = pyarrow.parquet.read_table(io.BytesIO(rows_file(rows, NAMES, "parquet")))

    assert table.num_rows == len(rows)
    assert (
        len(list(csv.reader(io.StringIO(rows_file(rows, NAMES, "csv").decode("utf-8-sig"))))) == len(rows) + 1
    )
