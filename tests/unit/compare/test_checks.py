"""Checks of replies."""

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.compare.boards.checks import (
    Check,
    CheckedReply,
    Contains,
    Equals,
    IsJson,
    IsSimilar,
    Matches,
    MaxCost,
    MaxLatency,
    MaxTokens,
    NotContains,
)
from core.pricing.prices import Cost
from core.runs.run import RunState
from tests.unit.compare.conftest import run_of

VALUES = {"city": "Paris", "expected": "the capital of France"}
CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


def reply(text: str = "", **fields: Any) -> CheckedReply:
    return CheckedReply(run_of(text, **fields), VALUES, lambda _model, a, b: 0.9 if a and b else None)


@pytest.mark.parametrize(
    ("check", "text", "passed"),
    [
        (Contains(text="paris"), "It is Paris.", True),
        (Contains(text="paris", ignore_case=False), "It is Paris.", False),
        (Contains(text="{{city}}"), "It is paris.", True),
        (Contains(text="서울"), "대한민국의 수도는 서울입니다.", True),
        (NotContains(text="sorry"), "I am Sorry", False),
        (NotContains(text="sorry"), "Sure.", True),
        (Equals(), " The capital\n of  France ", True),
        (Equals(), "A city in France", False),
        (Matches(pattern=r"\b\d{4}\b"), "in 1889", True),
        (Matches(pattern=r"^\p{Hangul}+$"), "서울", True),
        (Matches(pattern=r"^\d+$"), "in 1889", False),
        (IsJson(), '{"city": 1}', True),
        (IsJson(), "```json\n{}\n```", False),
        (IsJson(json_schema=CITY), '{"city": "Paris"}', True),
        (IsJson(json_schema=CITY), '{"city": 1}', False),
        (IsJson(json_schema=CITY), "{}", False),
        (MaxTokens(tokens=20), "", True),
        (MaxTokens(tokens=19), "", False),
        (MaxLatency(seconds=1), "", True),
        (MaxLatency(seconds=0.9), "", False),
        (MaxCost(dollars=Decimal("0.001")), "", True),
        (MaxCost(dollars=Decimal("0.0009")), "", False),
        (IsSimilar(minimum=0.9), "Paris", True),
        (IsSimilar(minimum=0.91), "Paris", False),
    ],
)
def test_checks_a_reply(check: Check, text: str, passed: bool) -> None:
    result = check.evaluate(reply(text))

    assert result.passed is passed
    assert result.reason


@pytest.mark.parametrize(
    ("check", "fields"),
    [
        (Contains(text="x"), {"state": RunState.FAILED}),
        (MaxTokens(tokens=1), {"usage": None}),
        (MaxLatency(seconds=1), {"total": None}),
        (MaxCost(dollars=Decimal(1)), {"cost": Cost(None, "Local server")}),
        (MaxCost(dollars=Decimal(1)), {"cost": None}),
        (Matches(pattern="("), {}),
        (IsSimilar(), {"text": ""}),
    ],
)
def test_tells_what_cannot_be_checked_from_what_does_not_pass(check: Check, fields: dict[str, Any]) -> None:
    text = fields.pop("text", "some text")

    result = check.evaluate(reply(text, **fields))

    assert result.passed is None
    assert result.reason


def test_does_not_compare_with_an_expected_reply_that_a_case_does_not_have() -> None:
    result = Equals().evaluate(CheckedReply(run_of("Hi"), {"expected": ""}))

    assert (result.passed, result.reason) == (None, "The case has no expected reply.")


def test_gives_up_a_pattern_that_takes_too_long() -> None:
    started = time.process_time()

    result = Matches(pattern="(a|aa)+$").evaluate(reply("a" * 5_000 + "b"))

    assert result.passed is not True
    assert time.process_time() - started < 2


@given(st.text(max_size=200), st.text(min_size=1, max_size=20))
def test_contains_and_does_not_contain_are_opposites(text: str, part: str) -> None:
    replied = CheckedReply(run_of(text), {})

    assert Contains(text=part).evaluate(replied).passed is not NotContains(text=part).evaluate(replied).passed


def test_is_read_by_its_kind() -> None:
    adapter: TypeAdapter[Check] = TypeAdapter(Check)
    check = IsSimilar(minimum=0.5)

    assert adapter.validate_json(check.model_dump_json()) == check
    with pytest.raises(ValidationError, match="kind"):
        adapter.validate_python({"kind": "other"})
