"""Cells that a spreadsheet does not run as a formula."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.files.csv_injection import escape_cell, unescape_cell


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
def test_escapes_what_starts_like_a_formula(text: str) -> None:
    assert escape_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+3.5", "-1,234.5", "1e-5", "-12%", "plain", "a=b", "", "한국어"])
def test_leaves_numbers_and_plain_text(text: str) -> None:
    assert escape_cell(text) == text


@given(st.text())
def test_lets_no_cell_start_with_a_formula(text: str) -> None:
    assert not escape_cell(text).lstrip(" \ufeff\u200b").startswith(("=", "@"))


@given(st.text(alphabet="'\"\t\r\n =-@5a\uff1d") | st.text())
def test_reads_back_each_text_that_it_escapes(text: str) -> None:
    assert unescape_cell(escape_cell(text)) == text


@pytest.mark.parametrize("text", ["'-5", "'tis", "it's", "'", ""])
def test_leaves_an_apostrophe_that_escapes_nothing(text: str) -> None:
    assert unescape_cell(text) == text
