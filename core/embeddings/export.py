"""Vectors as files."""

import csv
import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
import orjson

from core.embeddings.inputs import InputText
from core.embeddings.vectors import Matrix
from core.files.csv_injection import escape_cell

ExportFormat = Literal["npy", "csv", "jsonl", "parquet"]


def vectors_file(inputs: Sequence[InputText], vectors: Matrix, file_format: ExportFormat) -> bytes:
    """Write one record per vector; npy contains only the numbers, in the order of the inputs."""
    out = io.BytesIO()
    match file_format:
        case "npy":
            np.save(out, vectors, allow_pickle=False)
        case "csv":
            _write_csv(out, inputs, vectors)
        case "jsonl":
            for item, vector in zip(inputs, vectors, strict=True):
                record = {
                    "line": item.line,
                    "group": _replace_surrogates(item.group),
                    "text": _replace_surrogates(item.text),
                    "embedding": vector,
                }
                options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE
                out.write(orjson.dumps(record, option=options))
        case "parquet":
            _write_parquet(out, inputs, vectors)
    return out.getvalue()


def _write_csv(out: io.BytesIO, inputs: Sequence[InputText], vectors: Matrix) -> None:
    # Encoded while it is written: 10,000 vectors are 190 MB of text, too much to hold as str and as bytes.
    text = io.TextIOWrapper(out, "utf-8-sig", errors="replace", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(["line", "group", "text", *(f"d{index}" for index in range(vectors.shape[1]))])
    for item, vector in zip(inputs, vectors, strict=True):
        # `tolist` returns 64-bit floats, with twice the digits that a float32 has.
        numbers = [float(f"{number:.8g}") for number in vector.tolist()]
        writer.writerow([item.line, escape_cell(item.group), escape_cell(item.text), *numbers])
    text.flush()
    text.detach()


def _write_parquet(out: io.BytesIO, inputs: Sequence[InputText], vectors: Matrix) -> None:
    import pyarrow as arrow  # type: ignore[import-untyped]  # it has no types
    from pyarrow import parquet

    numbers = arrow.array(np.ascontiguousarray(vectors).reshape(-1))
    table = arrow.table(
        {
            "line": [item.line for item in inputs],
            "group": [_replace_surrogates(item.group) for item in inputs],
            "text": [_replace_surrogates(item.text) for item in inputs],
            "embedding": arrow.FixedSizeListArray.from_arrays(numbers, vectors.shape[1]),
        }
    )
    parquet.write_table(table, out)


def _replace_surrogates(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot encode."""
    return text.encode(errors="replace").decode()
