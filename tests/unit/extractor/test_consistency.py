"""The agreement of several extractions is counted for each field."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.extractor.results.consistency import FieldAgreement, ValueCount, field_agreement
from tests.unit.extractor.test_sources import JSON_VALUES


def test_counts_the_values_of_each_field() -> None:
    values = [{"a": 1, "b": ["x"]}, {"a": 1, "b": ["x", "y"]}, {"a": True, "b": ["z"]}]

    agreements = field_agreement(values)

    assert agreements == [
        FieldAgreement(("a",), (ValueCount(1, 2), ValueCount(True, 1))),
        FieldAgreement(("b", 0), (ValueCount("x", 2), ValueCount("z", 1))),
        FieldAgreement(("b", 1), (ValueCount(None, 2, is_missing=True), ValueCount("y", 1))),
    ]
    assert [agreement.majority.count for agreement in agreements] == [2, 2, 2]
    assert {agreement.total for agreement in agreements} == {3}


def test_counts_a_number_once_however_it_is_written() -> None:
    values: list[Any] = [
        {"price": 3500.0, "items": [{"n": 2}, -0.0, 1.5]},
        {"price": 3500, "items": [{"n": 2.0}, 0, 1.5]},
    ]

    agreements = field_agreement(values)

    assert all(agreement.is_unanimous for agreement in agreements)
    assert [str(agreement.majority.value) for agreement in agreements] == ["3500", "2", "0", "1.5"]


@given(st.lists(JSON_VALUES, min_size=1, max_size=5))
def test_counts_each_extraction_once(values: list[Any]) -> None:
    agreements = field_agreement(values)

    assert {agreement.total for agreement in agreements} == {len(values)}
    for agreement in agreements:
        counts = [value.count for value in agreement.values]
        assert counts == sorted(counts, reverse=True)


@given(JSON_VALUES, st.integers(1, 5))
def test_finds_equal_values_unanimous(value: Any, number: int) -> None:
    agreements = field_agreement([value] * number)

    assert all(agreement.is_unanimous for agreement in agreements)
    assert not [agreement for agreement in agreements if agreement.majority.is_missing]


def test_compares_nothing_without_extractions() -> None:
    assert field_agreement([]) == []
