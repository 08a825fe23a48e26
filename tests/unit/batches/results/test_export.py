"""Joined results as files, which are read again here."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import orjson
import pyarrow  # type: ignore[import-untyped]  # it has no types
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from core.batches.batch import BatchRecord
from core.batches.folder import batch_folder
from core.batches.input.request_line import read_lines
from core.batches.input.template_rows import MAX_COLUMNS, write_rows
from core.batches.repository import BatchRepository
from core.batches.results.export import ExportFormat, export_results
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultRow, ResultTable, import_results
from core.pricing.usage import Usage
from tests.servers import COMPLETION
from tests.unit.batches.results.test_results import http_failure, not_made, success, write

Prepare = Callable[..., BatchRecord]


def reply(custom_id: str, text: str) -> dict[str, Any]:
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    return success(custom_id, {**COMPLETION, "choices": [choice]})


@pytest.fixture
def exported(repository: BatchRepository, prepare: Prepare, tmp_path: Path) -> Callable[..., bytes]:
    """Import results of the lines a, b and c, and return their export."""

    def export(file_format: ExportFormat, *lines: object, ids: Sequence[str] = "abc") -> bytes:
        record = prepare(ids=tuple(ids))
        folder = batch_folder(tmp_path, record.id)
        write(folder.output_file, *lines)
        import_results(repository, record, folder)
        table, path = ResultTable(repository.store, record.id), tmp_path / "export"
        export_results(table, folder.input_file, file_format, path)
        return path.read_bytes()

    return export


def from_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def from_parquet(data: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(pyarrow.BufferReader(data)).to_pylist()
    return rows


def test_writes_csv_with_the_fields_of_json_replies(exported: Callable[..., bytes]) -> None:
    rows = from_csv(
        exported("csv", reply("b", '{"제목": "비", "tags": ["a"]}'), reply("a", "no JSON"), not_made("c"))
    )
    names = ["line", "custom_id", "status", "input", "text", "제목", "tags", "error_code", "error_message"]
    assert list(rows[0])[:9] == names
    assert [(row["custom_id"], row["status"], row["제목"], row["tags"]) for row in rows] == [
        ("a", "succeeded", "", ""),
        ("b", "succeeded", "비", '["a"]'),
        ("c", "expired", "", ""),
    ]
    assert rows[0]["input"] == "안녕"
    assert rows[0]["input_tokens"] == "3"
    assert Decimal(rows[0]["cost"]) > 0
    assert rows[2]["error_code"] == "batch_expired"


def test_escapes_what_a_spreadsheet_would_run(exported: Callable[..., bytes]) -> None:
    line = reply("a", '{"=name": "=1+1"}')
    rows = from_csv(exported("csv", line, reply("b", "@SUM(A1)"), http_failure("c", {"message": "+cmd"})))
    assert (rows[0]["'=name"], rows[0]["text"]) == ("'=1+1", '{"=name": "=1+1"}')
    assert rows[1]["text"] == "'@SUM(A1)"
    assert rows[2]["error_message"] == "'+cmd"


def test_writes_json_lines(exported: Callable[..., bytes]) -> None:
    data = exported("jsonl", reply("a", '{"n": {"x": 1}}'), reply("b", "text\u2028\n"))
    rows = [orjson.loads(line) for line in data.splitlines()]
    assert [row["json"] for row in rows] == [{"n": {"x": 1}}, None, None]
    assert rows[1]["text"] == "text\u2028\n"
    assert (rows[2]["status"], rows[2]["cost"]) == ("missing", None)


def test_writes_parquet_with_types(exported: Callable[..., bytes]) -> None:
    data = exported(
        "parquet",
        reply("a", '{"n": 1, "x": 1, "big": 18446744073709551615, "flag": true, "mixed": 1, "line": "한"}'),
        reply("b", '{"n": 2, "x": 1.5, "big": null, "flag": null, "mixed": "a", "json.line": {}}'),
    )
    first, second, _ = from_parquet(data)
    assert {name: first[name] for name in ("line", "n", "x", "big", "flag", "mixed", "json.line")} == {
        "line": 1,
        "n": 1,
        "x": 1.0,
        "big": "18446744073709551615",
        "flag": True,
        "mixed": "1",
        "json.line": "한",
    }
    assert (second["x"], second["big"], second["mixed"]) == (1.5, None, "a")
    assert second["json.json.line"] == "{}"


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_bounds_the_columns(exported: Callable[..., bytes], file_format: ExportFormat) -> None:
    fields = orjson.dumps({f"f{number}": number for number in range(MAX_COLUMNS + 50)}).decode()
    data = exported(file_format, reply("a", fields))
    rows = from_csv(data) if file_format == "csv" else from_parquet(data)
    assert len([name for name in rows[0] if name[1:].isdigit()]) == MAX_COLUMNS


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "parquet"])
@pytest.mark.parametrize("count", [1, 1_000, 2_500])
def test_has_every_row_in_order(
    exported: Callable[..., bytes], file_format: ExportFormat, count: int
) -> None:
    ids = [f"id-{number}" for number in range(count)]
    data = exported(file_format, *(reply(custom_id, "ok") for custom_id in reversed(ids)), ids=ids)
    readers: dict[str, Callable[[bytes], list[dict[str, Any]]]] = {
        "csv": from_csv,
        "parquet": from_parquet,
        "jsonl": lambda data: [orjson.loads(line) for line in data.splitlines()],
    }
    rows = readers[file_format](data)
    assert [row["custom_id"] for row in rows] == ids
    assert {(row["input"], row["text"]) for row in rows} == {("안녕", "ok")}


def test_does_without_the_input_file(repository: BatchRepository, prepare: Prepare, tmp_path: Path) -> None:
    record = prepare()
    folder = batch_folder(tmp_path, record.id)
    import_results(repository, record, folder)
    folder.input_file.unlink()
    export_results(
        ResultTable(repository.store, record.id), folder.input_file, "csv", tmp_path / "results.csv"
    )
    assert [row["input"] for row in from_csv((tmp_path / "results.csv").read_bytes())] == [""] * 3


SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(SCALARS, lambda child: st.lists(child, max_size=3) | st.dictionaries(st.text(), child))
REPLIES = st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=4), min_size=1, max_size=4)


@given(replies=REPLIES)
def test_writes_any_json_reply(replies: list[dict[str, Any]]) -> None:
    rows = [
        ResultRow(number, "a", ResultState.SUCCEEDED, 200, json.dumps(value), Usage(1, 1), None, "", "")
        for number, value in enumerate(replies, 1)
    ]
    table: Any = SimpleNamespace(rows=lambda: iter(rows))
    formats: tuple[ExportFormat, ...] = ("csv", "parquet")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        for file_format in formats:
            export_results(table, Path(folder) / "none", file_format, path)
            data = path.read_bytes()
            assert len(from_csv(data) if file_format == "csv" else from_parquet(data)) == len(replies)


TABLE: list[dict[str, str]] = [
    {"id": "a", "text": "비", "line": "7", "제목": "=1+1"},
    {"id": "b", "text": "눈", "line": "8", "제목": ""},
]


@pytest.fixture
def from_table(repository: BatchRepository, prepare: Prepare, tmp_path: Path) -> Callable[..., bytes]:
    """Import results of requests that a template made of `TABLE`, and return their export."""

    def export(file_format: ExportFormat) -> bytes:
        record = prepare(ids=("a", "b"))
        folder = batch_folder(tmp_path, record.id)
        lines = [*read_lines(folder.input_file)]
        assert [*write_rows(lines, TABLE, folder.input_file)] == lines
        write(folder.output_file, reply("b", '{"제목": 1}'), reply("a", "ok"))
        import_results(repository, record, folder)
        path = tmp_path / "export"
        export_results(ResultTable(repository.store, record.id), folder.input_file, file_format, path)
        return path.read_bytes()

    return export


def test_has_the_columns_of_the_table_of_a_template(from_table: Callable[..., bytes]) -> None:
    for first, second in (from_csv(from_table("csv")), from_parquet(from_table("parquet"))):
        names = ["id", "source.text", "source.line", "제목", "json.제목"]
        assert [*first][5:10] == names
        assert [second[name] for name in names[:4]] == ["b", "눈", "8", ""]
        assert (first["text"], str(second["json.제목"])) == ("ok", "1")
    assert from_csv(from_table("csv"))[0]["제목"] == "'=1+1"
    rows = [orjson.loads(line) for line in from_table("jsonl").splitlines()]
    assert [row["source"] for row in rows] == TABLE
