"""Answers from the results of tool calls."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.language.detection import Language
from core.sandbox.tools.answer import ToolOutput, compose_answer


def answer(content: str, language: Language = Language.ENGLISH, **arguments: str) -> str:
    return compose_answer([ToolOutput("get_it", json.dumps(arguments), content)], language)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"ticker": "AAPL", "price": 231.5, "currency": "USD"}', "AAPL: price **231.5 USD**."),
        ('{"city": "Seoul", "condition": "sunny"}', "Seoul: city **Seoul**, condition **sunny**"),
        ('{"result": 42}', "Paris: **42**."),
        ("sunny", "Paris: **sunny**"),
        ("42", "Paris: **42**"),
        ('["a", "b"]', "Paris:\n- a\n- b"),
        ('{"error": "unknown city"}', "The tool `get_it` failed: unknown city"),
        ('{"error": {"message": "no"}}', "The tool `get_it` failed: no"),
        ("Error: timed out", "The tool `get_it` failed: Error: timed out"),
        ("", "The tool `get_it` returned nothing."),
        ("null", "Paris: **None**"),
    ],
)
def test_describes_a_result(content: str, expected: str) -> None:
    assert answer(content, city="Paris") == expected


def test_answers_in_korean() -> None:
    assert answer('{"company": "Apple", "price": 10}', Language.KOREAN) == "Apple의 가격: **10**입니다."
    assert answer("오류: 시간 초과", Language.KOREAN).startswith("`get_it` 도구가 실패했습니다")


def test_lists_several_results() -> None:
    results = [ToolOutput("f", '{"city": "A"}', "1"), ToolOutput("f", '{"city": "B"}', "2")]
    assert compose_answer(results, Language.ENGLISH) == "- A: **1**\n- B: **2**"


@given(
    st.text(max_size=50)
    | st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
    ).map(json.dumps)
)
def test_describes_any_result(content: str) -> None:
    assert answer(content)


def test_stays_short_for_a_huge_result() -> None:
    assert len(answer("x" * 10_000_000)) < 3_000
    assert len(answer(json.dumps({f"key {index}": "x" * 1_000 for index in range(1_000)}))) < 10_000
