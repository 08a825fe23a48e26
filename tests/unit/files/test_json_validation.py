"""Validation of JSON files."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from core.files.json_validation import FileValidationError, _line_numbers, validate_json

ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)
TEXTS = TypeAdapter(dict[str, list[str]])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def problems(text: str, adapter: TypeAdapter[Any] = ANYTHING) -> list[tuple[int, str]]:
    with pytest.raises(FileValidationError) as caught:
        validate_json(text, adapter)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def test_reports_the_line_of_a_syntax_error() -> None:
    assert problems('{\n "a": 1,\n "b" 2\n}') == [(3, "This is not valid JSON: Expecting ':' delimiter.")]


def test_reports_the_line_of_every_invalid_value() -> None:
    result = problems('{\n "a": ["x",\n 1],\n "b":\n {}\n}', TEXTS)

    assert [(line, message.partition(":")[0]) for line, message in result] == [(3, "a.1"), (4, "b")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "not valid JSON", id="empty"),
        pytest.param("[" * 100_000, "nested deeper", id="unclosed brackets"),
        pytest.param("[" * 65 + "]" * 65, "nested deeper", id="too deep"),
        pytest.param('"\\ud800"', "lone surrogate", id="lone surrogate"),
        pytest.param("[NaN]", "number", id="not a number"),
        pytest.param("9" * 5_000, "number", id="too long number"),
        pytest.param('"' + "x" * 25_000_000 + '"', "larger than 25 million", id="too large"),
    ],
)
def test_rejects(text: str, message: str) -> None:
    assert message in problems(text)[0][1]


def test_reports_the_number_of_problems() -> None:
    with pytest.raises(FileValidationError, match=r"^Line 1: .* \(1 more\)$"):
        validate_json('{"a": 1, "b": 2}', TEXTS)


@given(VALUES)
def test_accepts_what_json_dumps_writes(value: Any) -> None:
    assert validate_json(json.dumps(value), ANYTHING) == value


def paths(value: Any) -> set[tuple[str | int, ...]]:
    """Return the path of *value* and of every value in it."""
    items = value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ())
    return {()} | {(step, *rest) for step, inner in items for rest in paths(inner)}


@given(VALUES, st.sampled_from([None, 0, 2]))
def test_finds_the_line_of_every_value(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    lines = _line_numbers(text)

    assert set(lines) == paths(value)
    assert all(1 <= line <= len(text.split("\n")) for line in lines.values())


@given(st.text())
def test_accepts_or_rejects_any_text(text: str) -> None:
    with suppress(FileValidationError):
        assert isinstance(validate_json(text, TEXTS), dict)
