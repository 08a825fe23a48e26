"""The expected calls of a question: how they are written, and which requested calls are those."""

from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.tools.check.cases import CheckCase, parse_cases
from core.tools.check.expected_calls import CallPair, ExpectedCall, pair_calls
from core.tools.requests.model_api import RequestedCall


def call(name: str, arguments: str = "{}") -> RequestedCall:
    return RequestedCall("c", name, arguments)


def all_match(expected: list[ExpectedCall], calls: list[RequestedCall]) -> bool:
    return all(pair.is_match for pair in pair_calls(expected, calls))


@pytest.mark.parametrize(
    ("expected", "calls", "is_match"),
    [
        ([ExpectedCall("a")], [call("a", '{"x": 1}')], True),
        ([ExpectedCall("a", {"x": 1})], [call("a", '{"x": 1.0, "y": 2}')], True),
        ([ExpectedCall("a", {"x": "1"})], [call("a", '{"x": 1}')], True),
        ([ExpectedCall("a", {"x": "1.0"})], [call("a", '{"x": 1}')], True),
        ([ExpectedCall("a", {"x": "1.50"})], [call("a", '{"x": 1.5}')], True),
        ([ExpectedCall("a", {"x": [{"y": "-2e3"}]})], [call("a", '{"x": [{"y": -2000}]}')], True),
        ([ExpectedCall("a", {"x": 1.5})], [call("a", '{"x": " 1.50"}')], True),
        ([ExpectedCall("a", {"x": "1.10"})], [call("a", '{"x": "1.1"}')], False),
        ([ExpectedCall("a", {"x": "007"})], [call("a", '{"x": 7}')], False),
        ([ExpectedCall("a", {"x": "1e99999999999999999999"})], [call("a", '{"x": 7}')], False),
        ([ExpectedCall("a", {"x": "True"})], [call("a", '{"x": true}')], True),
        ([ExpectedCall("a", {"x": "[]"})], [call("a", '{"x": []}')], False),
        ([ExpectedCall("a", {"x": [1]})], [call("a", '{"x": [1, 2]}')], False),
        ([ExpectedCall("a", {"x": 1})], [call("a", '{"x": true}')], False),
        ([ExpectedCall("a", {"x": ["Seoul ", 2]})], [call("a", '{"x": ["seoul", 2.0]}')], True),
        ([ExpectedCall("a", {"x": None})], [call("a")], False),
        ([ExpectedCall("a", {"x": None})], [call("a", '{"x": null}')], True),
        ([ExpectedCall("a", {"x": 1})], [call("a", "{")], False),
        ([ExpectedCall("a", {"x": 1})], [call("a", '{"x":' + "[" * 1_000 + "]" * 1_000 + "}")], False),
        ([ExpectedCall("a")], [call("a", "{")], True),
        ([ExpectedCall("a")], [call("b")], False),
        ([ExpectedCall("a")], [call("a"), call("a")], False),
        ([ExpectedCall("a"), ExpectedCall("a")], [call("a")], False),
        ([ExpectedCall("a"), ExpectedCall("b")], [call("b"), call("a")], True),
        ([ExpectedCall("a")], [], False),
        ([], [], True),
        ([], [call("a")], False),
    ],
)
def test_compares_calls(expected: list[ExpectedCall], calls: list[RequestedCall], is_match: bool) -> None:
    assert all_match(expected, calls) is is_match


def test_gives_each_expected_call_the_one_that_it_needs() -> None:
    expected = [ExpectedCall("a"), ExpectedCall("a", {"x": 1}), ExpectedCall("a", {"x": 1, "y": 2})]
    calls = [call("a", '{"x": 1, "y": 2}'), call("a", '{"x": 3}'), call("a", '{"x": 1}')]

    for order in permutations(calls):
        assert all_match(expected, [*order])


@given(st.lists(st.integers(0, 3), max_size=6), st.permutations(range(6)))
def test_matches_calls_in_any_order(values: list[int], order: list[int]) -> None:
    expected = [ExpectedCall("a", {"x": value} if value else None) for value in values]
    calls = [call("a", f'{{"x": {values[index]}}}') for index in order if index < len(values)]

    assert all_match(expected, calls)
    assert not all_match(expected, [*calls, call("a")])


def test_shows_what_is_missing_beside_the_call_that_was_requested_instead() -> None:
    expected = [ExpectedCall("a", {"x": 1}), ExpectedCall("b"), ExpectedCall("c")]
    calls = [call("d"), call("a", '{"x": 2}'), call("b", '{"y": 1}')]

    assert pair_calls(expected, calls) == (
        CallPair("b(…)", 'b({"y": 1})', is_match=True),
        CallPair('a({"x": 1})', 'a({"x": 2})'),
        CallPair("c(…)", ""),
        CallPair("", "d({})"),
    )


CSV = """question,tool,arguments
애플 주가 알려줘,get_stock_price,"{""ticker"": ""aapl""}"
"Paris, please",get_weather,city=Paris ; unit = celsius
서울과 파리의 날씨를 비교해 줘.,get_weather,city=서울
,get_weather,city=파리
,,

안녕!,,
"""


def test_reads_cases() -> None:
    assert parse_cases("\ufeff" + CSV) == [
        CheckCase("애플 주가 알려줘", (ExpectedCall("get_stock_price", {"ticker": "aapl"}),)),
        CheckCase("Paris, please", (ExpectedCall("get_weather", {"city": "Paris", "unit": "celsius"}),)),
        CheckCase(
            "서울과 파리의 날씨를 비교해 줘.",
            (ExpectedCall("get_weather", {"city": "서울"}), ExpectedCall("get_weather", {"city": "파리"})),
        ),
        CheckCase("안녕!", ()),
    ]


HEAD = "question,tool,arguments\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "There is no question"),
        ("a,b\n1,2\n", "There is no question"),
        ("question\n\n", "There is no question"),
        (f'{HEAD}"Hi,a,\n', "The file is not valid CSV: unexpected end of data"),
        (f"{HEAD},a,\n", "Row 1 has a call but no question"),
        (f"{HEAD}Hi,a,[1]\n", "The arguments in row 1 are not readable"),
        (f"{HEAD}Hi,a,{{\n", "The arguments in row 1 are not readable"),
        (f"{HEAD}Hi,a,x\n", "The arguments in row 1 are not readable"),
        (f"{HEAD}Hi,a,=1\n", "The arguments in row 1 are not readable"),
        (f"{HEAD}Hi,,x=1\n", "Row 1 has arguments but no tool"),
        (f"{HEAD}Hi, you,a,x=1\n", "Row 1 has too many columns"),
        (f"{HEAD}Hi,a,\n" + ",a,\n" * 16, "The question above row 17 has more than 16 calls"),
        (HEAD + "Hi,,\n" * 1_001, "There are more than 1,000 questions"),
    ],
)
def test_explains_an_invalid_file(text: str, message: str) -> None:
    with pytest.raises(PlaygroundError) as raised:
        parse_cases(text)

    assert str(raised.value) == message
    assert raised.value.hint


@given(st.text(max_size=200))
def test_reads_or_explains_any_text(text: str) -> None:
    with suppress(PlaygroundError):
        assert all(case.question.strip() for case in parse_cases(HEAD + text))
