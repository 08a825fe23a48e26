"""Rows are exported without loss, and without what a spreadsheet would run."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extractor.results.export import rows_file
from core.extractor.results.outcome import OutcomeKind
from core.extractor.results.repository import ExtractedRow

VALUE = {"title": "T", "summary": "=1+1", "sentiment": "positive", "keywords": ["a", "b"]}


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


@pytest.mark.parametrize("file_format", ["json", "jsonl"])
def test_exports_values_that_few_json_writers_take(file_format: Any) -> None:
    value = {"account": 2**70, "title": "\ud800", "keywords": ["하나"], "score": float("nan")}

    content = rows_file([exported(value)], NAMES, file_format).decode()

    assert "하나" in content
    record = json.loads(content)
    (record,) = record if isinstance(record, list) else (record,)
    assert record["value"] == {**value, "title": "\ufffd", "score": None}


@pytest.mark.parametrize("file_format", ["csv", "json", "jsonl", "parquet"])
def test_exports_no_rows(file_format: Any) -> None:
    assert isinstance(rows_file([], NAMES, file_format), bytes)


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(st.characters())
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(NAMES), st.one_of(CELLS, st.lists(CELLS, max_size=2))), max_size=4
    )
)
def test_exports_rows_of_any_values(values: list[dict[str, Any]]) -> None:
    rows = [exported(value) for value in values]

    table = pyarrow.parquet.read_table(io.BytesIO(rows_file(rows, NAMES, "parquet")))

    assert len(json.loads(rows_file(rows, NAMES, "json"))) == len(rows)
    assert len([json.loads(line) for line in rows_file(rows, NAMES, "jsonl").splitlines()]) == len(rows)
    assert table.num_rows == len(rows)
    assert (
        len(list(csv.reader(io.StringIO(rows_file(rows, NAMES, "csv").decode("utf-8-sig"))))) == len(rows) + 1
    )
