"""The agreement of several extractions is counted for each field."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.extractor.results.consistency import FieldAgreement, field_agreement
from tests.unit.extractor.test_sources import JSON_VALUES


def test_counts_the_most_frequent_value_of_each_field() -> None:
    values = [{"a": 1, "b": ["x"]}, {"a": 1, "b": ["x", "y"]}, {"a": True, "b": ["z"]}]

    assert field_agreement(values) == [
        FieldAgreement(("a",), 1, 2, 3),
        FieldAgreement(("b", 0), "x", 2, 3),
        FieldAgreement(("b", 1), None, 2, 3, is_missing=True),
    ]


@given(JSON_VALUES, st.integers(1, 5))
def test_finds_equal_values_unanimous(value: Any, number: int) -> None:
    agreements = field_agreement([value] * number)

    assert all(agreement.is_unanimous for agreement in agreements)
    assert not [agreement for agreement in agreements if agreement.is_missing]


def test_compares_nothing_without_extractions() -> None:
    assert field_agreement([]) == []
