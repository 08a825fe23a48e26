"""Vectors and tables as files that other programs read back."""

import csv
import io

import numpy as np
import orjson
import pyarrow.parquet as parquet  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.export import table_csv, vectors_file
from core.embeddings.inputs import InputText
from core.files.csv_injection import escape_cell

ITEMS = (InputText(1, "=1+1", "가"), InputText(3, 'two\n"lines"', ""))
ROWS = np.array([[0.6, 0.8, 0.0], [1 / 3, -2 / 3, 2 / 3]], np.float32)


def test_writes_numbers_for_numpy() -> None:
    assert np.array_equal(np.load(io.BytesIO(vectors_file(ITEMS, ROWS, "npy")), allow_pickle=False), ROWS)


def test_writes_a_line_of_json_a_text() -> None:
    found = [orjson.loads(line) for line in vectors_file(ITEMS, ROWS, "jsonl").splitlines()]
    assert [one["text"] for one in found] == [item.text for item in ITEMS]
    assert np.array_equal(np.array([one["embedding"] for one in found], np.float32), ROWS)


def test_writes_parquet() -> None:
    found = parquet.read_table(io.BytesIO(vectors_file(ITEMS, ROWS, "parquet"))).to_pydict()
    assert (found["line"], found["group"]) == ([1, 3], ["가", ""])
    assert np.array_equal(np.array(found["embedding"], np.float32), ROWS)


def test_writes_csv_that_a_spreadsheet_cannot_run() -> None:
    content = vectors_file(ITEMS, ROWS, "csv").decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(content, newline=""))
    assert header == ["line", "group", "text", "d0", "d1", "d2"]
    assert [line[2] for line in lines] == ["'=1+1", ITEMS[1].text]
    assert np.array_equal(np.array([line[3:] for line in lines], np.float32), ROWS)


def test_writes_tables_with_their_texts_guarded() -> None:
    content = table_csv([{"text": "@SUM(A1)", "score": -0.5}]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(content, newline=""))) == [["text", "score"], ["'@SUM(A1)", "-0.5"]]


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+A1",
        "-A1",
        "@x",
        "\t=1",
        "\r=1",
        "  =1",
        "\ufeff=1",
        "\u200b=1",
        '"=1',
        "＝1",
        "＋1",
        "－A1",
        "＠x",
    ],
)
def test_disarms_what_begins_like_a_formula(text: str) -> None:
    assert escape_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+3.5", "-1,234.5", "1e-5", "-12%", "plain", "a=b", "", "한국어"])
def test_leaves_numbers_and_plain_text(text: str) -> None:
    assert escape_cell(text) == text


@given(st.text())
def test_never_lets_a_formula_begin_a_cell(text: str) -> None:
    assert not escape_cell(text).lstrip(" \ufeff\u200b").startswith(("=", "@"))
