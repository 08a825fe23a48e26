"""Extracted values are compared with the expected ones."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given

from core.extractor.results.accuracy import FieldAccuracy, correct_fields, field_accuracy, is_equal
from tests.unit.extractor.test_sources import JSON_VALUES


@pytest.mark.parametrize(
    ("value", "expected", "equal"),
    [
        ("Ada  Lovelace\n", "ada lovelace", True),
        ("서울", "부산", False),
        ("한국 Café", normalize("NFD", "한국  café"), True),
        ([normalize("NFD", "한국")], ["한국"], True),
        (1, 1.0, True),
        (1, True, False),
        (1, "1", False),
        (["a", "B"], ["A", "b"], True),
        (["a", "b"], ["b", "a"], False),
        (["a"], ["a", "b"], False),
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"b": 1}, False),
        (None, "", False),
    ],
)
def test_compares_values(value: Any, expected: Any, equal: bool) -> None:
    assert is_equal(value, expected) is equal


@given(JSON_VALUES)
def test_finds_every_value_equal_to_itself(value: Any) -> None:
    assert is_equal(value, value)


def test_counts_the_correct_values_of_each_field() -> None:
    pairs: list[tuple[Any, dict[str, Any] | None]] = [
        ({"a": 1, "b": "x"}, {"a": 1, "b": "y"}),
        ({"a": 2}, {"a": 2}),
        (None, {"a": 3}),
        ({"a": 1}, None),
    ]

    assert field_accuracy(pairs) == [FieldAccuracy("a", 2, 3), FieldAccuracy("b", 0, 1)]
    assert correct_fields("text", {"a": 1}) == {"a": False}
