"""The joined results of a batch as a file, whatever their number: a part at a time is in memory."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal

import orjson

from core.batches.input.request_line import replace_file
from core.batches.input.template_rows import MAX_COLUMNS, TemplateRows
from core.batches.results.input_lines import input_text, request_bodies
from core.batches.results.results import ResultRow, ResultTable
from core.files.csv_injection import escape_cell
from core.files.source_rows import Row

ExportFormat = Literal["csv", "jsonl", "parquet"]
Cell = str | int | float | bool | None

_PART = 1_000
_MAX_EXACT = 2**53  # below, a 64-bit float represents every integer
_MAX_INTEGER = 2**63
_BEFORE: dict[str, type] = {"line": int, "custom_id": str, "status": str, "input": str, "text": str}
_AFTER: dict[str, type] = {
    "error_code": str,
    "error_message": str,
    "status_code": int,
    "input_tokens": int,
    "output_tokens": int,
    "cost": float,
}


@dataclass(frozen=True, slots=True)
class JoinedRow:
    """A result with the text of its request, and the row of the table that the request was made of."""

    result: ResultRow
    input: str
    source: Row

    @property
    def cells(self) -> dict[str, Cell]:
        """The columns that every export has."""
        row = self.result
        return {
            "line": row.number,
            "custom_id": row.custom_id,
            "status": row.state.value,
            "input": self.input,
            "text": row.text,
            "error_code": row.error_code or None,
            "error_message": row.error_message or None,
            "status_code": row.status_code,
            "input_tokens": row.usage.input_tokens if row.usage else None,
            "output_tokens": row.usage.output_tokens if row.usage else None,
            "cost": None if row.cost is None else float(row.cost),
        }


def export_results(table: ResultTable, input_file: Path, file_format: ExportFormat, path: Path) -> None:
    """Write all rows of *table* to *path*, which exists only once it is complete. Blocking.

    The columns of the table that a template was used with, and the fields of replies that are JSON objects,
    are columns of their own in CSV and Parquet, at most 200 of each; nested values are JSON. In CSV, texts
    that a spreadsheet would run are escaped. Without the input file, the texts of the requests are empty.
    """
    sources = TemplateRows(input_file)
    parts = _parts(table, input_file, sources)
    with replace_file(path) as file:
        match file_format:
            case "jsonl":
                for part in parts:
                    file.writelines(map(_json_line, part))
            case "csv":
                _write_csv(file, parts, _Columns(sources.columns, _field_types(table)))
            case "parquet":
                _write_parquet(file, parts, _Columns(sources.columns, _field_types(table)))


def _parts(table: ResultTable, input_file: Path, sources: TemplateRows) -> Iterator[list[JoinedRow]]:
    rows = table.rows()
    while part := list(islice(rows, _PART)):
        bodies = request_bodies(input_file, [row.number for row in part])
        source = sources.find(row.custom_id for row in part)
        yield [
            JoinedRow(row, input_text(bodies.get(row.number, {})), source.get(row.custom_id, {}))
            for row in part
        ]


def _json_line(row: JoinedRow) -> bytes:
    source = {"source": row.source} if row.source else {}
    line = {**row.cells, "json": row.result.parsed, **source}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _field_types(table: ResultTable) -> dict[str, type]:
    """Return the fields of the JSON replies with the type of their column, the first ones that occur."""
    types: dict[str, set[type]] = defaultdict(set)
    for row in table.rows():
        for name, value in (row.parsed or {}).items():
            if name in types or len(types) < MAX_COLUMNS:
                types[name] |= _value_types(value)
    return {name: _common_type(each) for name, each in types.items()}


def _value_types(value: object) -> set[type]:
    if value is None:
        return set()
    if isinstance(value, int) and not isinstance(value, bool):
        if abs(value) >= _MAX_INTEGER:
            return {str}
        # Not exact as a float, if others in the column are floats.
        return {int} if abs(value) < _MAX_EXACT else {int, bytes}
    return {type(value) if isinstance(value, bool | float) else str}


def _common_type(types: set[type]) -> type:
    if types == {int, float}:
        return float
    if types == {int, bytes}:
        return int
    return next(iter(types)) if len(types) == 1 else str


def _field_cells(row: JoinedRow, types: Mapping[str, type]) -> Iterator[Cell]:
    fields = row.result.parsed or {}
    for name, column_type in types.items():
        value: Any = fields.get(name)
        if value is not None and not isinstance(value, column_type):
            value = float(value) if column_type is float else orjson.dumps(value).decode()
        yield value


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns between ours: *sources*, those of the table of a template, and *fields* of JSON replies."""

    sources: Sequence[str]
    fields: Mapping[str, type]

    @property
    def types(self) -> dict[str, type]:
        """The names of all columns with their types; one that is called like another gets a prefix."""
        types = dict(_BEFORE)
        others: list[tuple[str, str, type]] = [("source", name, str) for name in self.sources]
        others += [("json", name, column_type) for name, column_type in self.fields.items()]
        for prefix, name, column_type in others:
            while name in types or name in _AFTER:
                name = f"{prefix}.{name}"
            types[name] = column_type
        return {**types, **_AFTER}

    def values(self, row: JoinedRow) -> list[Cell]:
        cells = row.cells
        return [
            *(cells[name] for name in _BEFORE),
            *(row.source.get(name) for name in self.sources),
            *_field_cells(row, self.fields),
            *(cells[name] for name in _AFTER),
        ]


def _write_csv(file: IO[bytes], parts: Iterator[list[JoinedRow]], columns: _Columns) -> None:
    # The byte order mark makes Excel read UTF-8.
    text = io.TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([escape_cell(name) for name in columns.types])
    for part in parts:
        for row in part:
            writer.writerow(
                [escape_cell(value) if isinstance(value, str) else value for value in columns.values(row)]
            )
    text.flush()
    text.detach()


def _write_parquet(file: IO[bytes], parts: Iterator[list[JoinedRow]], columns: _Columns) -> None:
    import pyarrow as arrow  # type: ignore[import-untyped]  # it has no types
    from pyarrow import parquet

    arrow_types = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    types = columns.types
    schema = arrow.schema([(name, arrow_types[each]) for name, each in types.items()])
    with parquet.ParquetWriter(file, schema) as writer:
        for part in parts:
            rows: Sequence[list[Cell]] = [columns.values(row) for row in part]
            arrays = [list(column) for column in zip(*rows, strict=True)]
            writer.write_table(arrow.table(dict(zip(types, arrays, strict=True)), schema))
