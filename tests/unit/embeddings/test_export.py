"""Vectors as files that other programs can read."""

import csv
import io

import numpy as np
import orjson
import pyarrow.parquet as parquet  # type: ignore[import-untyped]

from core.embeddings.export import vectors_file
from core.embeddings.inputs import InputText

INPUTS = (InputText(1, "=1+1", "가"), InputText(3, 'two\n"lines"', ""))
VECTORS = np.array([[0.6, 0.8, 0.0], [1 / 3, -2 / 3, 2 / 3]], np.float32)


def test_writes_numbers_for_numpy() -> None:
    content = vectors_file(INPUTS, VECTORS, "npy")
    assert np.array_equal(np.load(io.BytesIO(content), allow_pickle=False), VECTORS)


def test_writes_one_json_object_per_line() -> None:
    records = [orjson.loads(line) for line in vectors_file(INPUTS, VECTORS, "jsonl").splitlines()]
    assert [record["text"] for record in records] == [item.text for item in INPUTS]
    assert np.array_equal(np.array([record["embedding"] for record in records], np.float32), VECTORS)


def test_writes_parquet() -> None:
    columns = parquet.read_table(io.BytesIO(vectors_file(INPUTS, VECTORS, "parquet"))).to_pydict()
    assert (columns["line"], columns["group"]) == ([1, 3], ["가", ""])
    assert np.array_equal(np.array(columns["embedding"], np.float32), VECTORS)


def test_writes_csv_without_formulas() -> None:
    content = vectors_file(INPUTS, VECTORS, "csv").decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert header == ["line", "group", "text", "d0", "d1", "d2"]
    assert [row[2] for row in rows] == ["'=1+1", INPUTS[1].text]
    assert np.array_equal(np.array([row[3:] for row in rows], np.float32), VECTORS)
