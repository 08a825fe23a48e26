"""Vectors and tables as files."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import orjson

from core.embeddings.inputs import InputText
from core.embeddings.vectors import Matrix
from core.files.csv_injection import escape_cell

ExportFormat = Literal["npy", "csv", "jsonl", "parquet"]
_BOM = "\ufeff"  # or Excel takes UTF-8 for something else


def vectors_file(items: Sequence[InputText], rows: Matrix, form: ExportFormat) -> bytes:
    """Write unit vectors, row for row; npy holds the numbers alone, in the order of the texts."""
    match form:
        case "npy":
            return _npy(rows)
        case "csv":
            return _vectors_csv(items, rows)
        case "jsonl":
            return _json_lines(items, rows)
        case "parquet":
            return _parquet(items, rows)


def table_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write a table whose texts a spreadsheet cannot run."""
    out = io.StringIO(_BOM, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([escape_cell(name) for name in (rows[0] if rows else ())])
    writer.writerows(_cells(row.values()) for row in rows)
    return out.getvalue().encode(errors="replace")


def _cells(values: Iterable[Any]) -> list[Any]:
    return [escape_cell(value) if isinstance(value, str) else value for value in values]


def _npy(rows: Matrix) -> bytes:
    out = io.BytesIO()
    np.save(out, rows, allow_pickle=False)
    return out.getvalue()


def _vectors_csv(items: Sequence[InputText], rows: Matrix) -> bytes:
    out = io.BytesIO()
    # Bytes from the start: 10,000 vectors are 190 MB of text, which need not be held twice.
    text = io.TextIOWrapper(out, "utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["line", "group", "text", *(f"d{place}" for place in range(rows.shape[1]))])
    for item, row in zip(items, rows, strict=True):
        numbers = [float(f"{number:.8g}") for number in row.tolist()]
        writer.writerow([item.line, escape_cell(item.group), escape_cell(item.text), *numbers])
    text.flush()
    text.detach()
    return out.getvalue()


def _json_lines(items: Sequence[InputText], rows: Matrix) -> bytes:
    out = io.BytesIO()
    out.writelines(_json_line(item, row) for item, row in zip(items, rows, strict=True))
    return out.getvalue()


def _json_line(item: InputText, row: Matrix) -> bytes:
    record = {
        "line": item.line,
        "group": _storable(item.group),
        "text": _storable(item.text),
        "embedding": row,
    }
    return orjson.dumps(record, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)


def _parquet(items: Sequence[InputText], rows: Matrix) -> bytes:
    import pyarrow as arrow  # type: ignore[import-untyped]  # it has no types
    from pyarrow import parquet

    flat = arrow.array(np.ascontiguousarray(rows).reshape(-1))
    table = arrow.table(
        {
            "line": [item.line for item in items],
            "group": [_storable(item.group) for item in items],
            "text": [_storable(item.text) for item in items],
            "embedding": arrow.FixedSizeListArray.from_arrays(flat, rows.shape[1]),
        }
    )
    out = io.BytesIO()
    parquet.write_table(table, out)
    return out.getvalue()


def _storable(text: str) -> str:
    """Replace lone surrogates, which no file in UTF-8 can hold."""
    return text.encode(errors="replace").decode()
