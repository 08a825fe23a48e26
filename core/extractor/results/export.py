"""Extracted rows as files and as a table with a column for each field."""

import io
import json
from collections.abc import Sequence
from typing import Any, Literal

from core.extractor.results.repository import ExtractedRow
from core.files.csv_table import table_csv
from core.json_values import storable_text

ExportFormat = Literal["csv", "json", "jsonl", "parquet"]
_OWN_COLUMNS = ("document", "outcome", "problems", "expected")
_MAX_EXACT = 2**53  # below, a 64-bit float represents every integer
_MAX_INTEGER = 2**63


def table_rows(rows: Sequence[ExtractedRow], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return a cell for each field in *names*; nested values are JSON.

    A field that is called like a column of the row itself gets a prefix. The column of expected values is
    there if there are any.
    """
    is_compared = any(row.expected is not None for row in rows)
    values = [row.value if isinstance(row.value, dict) else {} for row in rows]
    return [
        {
            "document": row.document,
            "outcome": row.outcome.value,
            **{column_name(name): _cell(value.get(name)) for name in names},
            "problems": _cell("; ".join(row.problems)),
            **({"expected": _cell(row.expected)} if is_compared else {}),
        }
        for row, value in zip(rows, values, strict=True)
    ]


def column_name(name: str) -> str:
    """Return the column of the field *name*."""
    return f"value.{name}" if name in _OWN_COLUMNS else name


def _cell(value: Any) -> Any:
    cell = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
    return storable_text(cell) if isinstance(cell, str) else cell


def exceeds_64_bits(value: Any) -> bool:
    """Whether *value* is an integer that no column of integers can have."""
    return isinstance(value, int) and not -_MAX_INTEGER <= value < _MAX_INTEGER


def rows_file(rows: Sequence[ExtractedRow], names: Sequence[str], file_format: ExportFormat) -> bytes:
    """Write *rows* with the fields *names*. In CSV, texts that a spreadsheet would run are escaped."""
    records = [
        {
            "document": row.document,
            "outcome": row.outcome.value,
            "problems": row.problems,
            "edited": row.is_edited,
            "value": row.value,
            "expected": row.expected,
        }
        for row in rows
    ]
    match file_format:
        case "csv":
            return table_csv(table_rows(rows, names))
        case "json":
            return _json(records, indent=2)
        case "jsonl":
            return b"".join(_json(record) + b"\n" for record in records)
        case "parquet":
            import pyarrow as arrow  # type: ignore[import-untyped]  # it has no types
            from pyarrow import parquet

            cells = table_rows(rows, names)
            columns = {name: _same_type([row[name] for row in cells]) for name in (cells[0] if cells else ())}
            out = io.BytesIO()
            parquet.write_table(arrow.table(columns), out)
            return out.getvalue()


def _json(value: Any, indent: int | None = None) -> bytes:
    """Write JSON with integers of any size, which orjson does not; NaN and Infinity are null."""
    value = json.loads(json.dumps(value), parse_constant=lambda _: None)
    return storable_text(json.dumps(value, ensure_ascii=False, indent=indent)).encode()


def _same_type(values: list[Any]) -> list[Any]:
    """Return *values* as texts if they have several types: a column has one, replies may have any."""
    present = [value for value in values if value is not None]
    types = {type(value) for value in present}
    if types == {int, float} and all(abs(value) < _MAX_EXACT for value in present):
        return [None if value is None else float(value) for value in values]
    if len(types) > 1 or any(map(exceeds_64_bits, present)):
        return [None if value is None else str(value) for value in values]
    return values
