"""Values of an extraction are located in the sentences of its text."""

from typing import Any, Literal
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.extractor.results.sources import find_sources

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=10,
)


TEXT = """Dr. Kim paid $1,234.50 on 2026-05-04.
첫 전기 여객선 노선을 개통했다. 승객 12,400명이 이용했다!
Total: 15"""


@pytest.mark.parametrize(
    ("value", "sentence", "match"),
    [
        ("2026-05-04", "2026-05-04", "2026-05-04"),
        (1234.5, "$1,234.50", "1,234.50"),
        (12400, "승객 12,400명이", "12,400"),
        (15, "Total: 15", "15"),
        ("KIM", "Kim paid", "Kim"),
        (-15, "Total: 15", "15"),
        ("Unrelated words. Kim paid $1,234.50 on", "Kim paid", "Kim paid $1,234.50 on"),
        (
            "첫 전기 여객선 노선을 개통했다. 승객 12,400명이 이용했다!",
            "첫 전기",
            "첫 전기 여객선 노선을 개통했다.",
        ),
        ("A summary: Kim paid $1,234.50 on 2026-05-04.", "Kim paid", "Kim paid $1,234.50 on 2026-05-04."),
        (400, "", ""),
        (234, "", ""),
        ("positive", "", ""),
        (None, "", ""),
        (True, "", ""),
        ("", "", ""),
    ],
)
def test_finds_the_sentence_of_a_value(value: Any, sentence: str, match: str) -> None:
    (source,) = find_sources(value, TEXT)

    assert sentence in source.sentence
    assert bool(source.sentence) is bool(sentence)
    assert source.sentence[source.start : source.end] == match


@pytest.mark.parametrize("written", ["2026년 5월 4일", "2026년 05월 04일", "2026년5월4일", "2026년05월04일"])
def test_finds_a_date_as_it_is_written_in_korean(written: str) -> None:
    (source,) = find_sources("2026-05-04", f"2026년 5월 14일에 신청했다. 개통은 {written}이다.")

    assert source.sentence == f"개통은 {written}이다."
    assert source.sentence[source.start : source.end] == written


@pytest.mark.parametrize("value", ["2026-05-04", "2026-05"])
def test_finds_no_other_date_that_is_written_in_korean(value: str) -> None:
    (source,) = find_sources(value, "2026년 5월 14일, 2025년 5월 4일, 5월 4일")

    assert not source.sentence


@pytest.mark.parametrize("text_form", ["NFC", "NFD"])
@pytest.mark.parametrize("value_form", ["NFC", "NFD"])
def test_finds_composed_and_decomposed_texts(
    text_form: Literal["NFC", "NFD"], value_form: Literal["NFC", "NFD"]
) -> None:
    text = normalize(text_form, "카페는 부산에 있다. 본사는 대한민국 서울에 있다.")

    (source,) = find_sources(normalize(value_form, "대한민국"), text)

    assert source.sentence == "본사는 대한민국 서울에 있다."
    assert source.sentence[source.start : source.end] == "대한민국"


@given(JSON_VALUES, st.text(max_size=200))
def test_finds_sources_in_any_text(value: Any, text: str) -> None:
    for source in find_sources(value, text):
        assert source.sentence in normalize("NFC", text)
        assert 0 <= source.start <= source.end <= len(source.sentence)
