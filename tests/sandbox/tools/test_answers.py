"""Answers from the results of tool calls."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.replies.language.detection import Language
from core.sandbox.tools.answer import ToolOutput, compose_answer
from core.tools.library.catalog import LIBRARY, LibraryTool
from core.tools.loop.result import serialise_result


def answer(content: str, language: Language = Language.ENGLISH, **arguments: str) -> str:
    return compose_answer([ToolOutput("get_it", json.dumps(arguments), content)], language)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"ticker": "AAPL", "price": 231.5, "currency": "USD"}', "AAPL: price **231.5 USD**."),
        ('{"city": "Seoul", "condition": "sunny"}', "Seoul: condition **sunny**"),
        ('{"city": "Seoul"}', "Seoul: city **Seoul**"),
        ('{"result": 42}', "Paris: **42**."),
        ('{"query": "Paris", "notes": [{"title": "A", "text": "b"}]}', "Paris:\n- **A**: b"),
        ('{"hits": ["a", "b"], "source": "web"}', "Paris:\n- a\n- b\n\n(source web)"),
        ("{}", "Paris: {}"),
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
    assert answer('["a", "b"]', Language.KOREAN, city="파리") == "파리:\n- a\n- b"
    declined = answer('{"error": "The user declined this call."}', Language.KOREAN)
    assert declined == "`get_it` 도구가 실패했습니다: 사용자가 이 호출을 거절했습니다."


# A call of each tool of the library.
LIBRARY_CALLS: dict[str, dict[str, object]] = {
    "get_stock_price": {"ticker": "AAPL"},
    "get_weather": {"city": "서울"},
    "calculate": {"expression": "10 / 3"},
    "get_current_time": {"timezone": "Asia/Seoul"},
    "add_to_date": {"start": "2026-12-01", "days": 45},
    "count_days": {"start": "2026-12-01", "end": "2026-12-31"},
    "convert_units": {"value": 32, "from_unit": "평", "to_unit": "제곱미터"},
    "roll_dice": {"dice": "2d6", "seed": 1},
    "analyse_text": {"text": "가나다"},
    "search_notes": {"query": "환불"},
}


@pytest.mark.parametrize("entry", LIBRARY, ids=lambda entry: entry.name)
def test_answers_in_korean_only_from_each_tool_of_the_library(entry: LibraryTool) -> None:
    arguments = LIBRARY_CALLS[entry.name]
    result = serialise_result(entry.function(**entry.tool.validate(arguments)))

    text = compose_answer([ToolOutput(entry.name, json.dumps(arguments), result.text)], Language.KOREAN)

    own_words = {"Apple", "USD", "Seoul", "Asia", "UTC", "UTF"}
    assert set(re.findall(r"[A-Za-z]{3,}", text)) <= own_words


def test_draws_the_rows_of_a_query_as_a_table() -> None:
    rows = [["a|b", None], *([index, 0.5] for index in range(20))]
    several = answer(json.dumps({"columns": ["x", "y"], "rows": rows}), Language.KOREAN, sql="SELECT")
    lines = several.splitlines()

    assert lines[:5] == ["SELECT:", "", "| x | y |", "| --- | --- |", "| a\\|b | 없음 |"]
    assert lines[-1] == "(행 21개)"
    assert answer('{"columns": ["COUNT(*)"], "rows": [[3]]}', sql="SELECT") == "SELECT: **3**"
    assert "rows **" in answer('{"columns": ["x"], "rows": [[1, 2]]}')  # not a table


def test_names_what_a_number_among_the_arguments_is() -> None:
    date, conversion = (
        compose_answer([ToolOutput("f", json.dumps(arguments), '{"result": 1}')], Language.ENGLISH)
        for arguments in (
            {"start": "2026-12-01", "days": 45},
            {"value": 5, "from_unit": "mile", "to_unit": "km"},
        )
    )

    assert (date, conversion) == ("2026-12-01, days 45: **1**.", "5 mile → km: **1**.")


def test_leaves_out_only_what_the_arguments_say() -> None:
    text = answer(
        '{"ticker": "AAPL", "volume": 3, "price": 10, "lot": 5.0}', ticker="AAPL", lot="5", day="30"
    )

    assert text == "AAPL: price **10** (volume 3)."


def test_says_how_many_entries_it_leaves_out() -> None:
    assert answer(json.dumps([*range(25)])).endswith("- and 5 more")
    assert answer(json.dumps([*range(25)]), Language.KOREAN).endswith("- 그 밖에 5개")


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
