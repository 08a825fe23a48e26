"""Compare extracted values with the expected ones of a data set, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize


@dataclass(frozen=True, slots=True)
class FieldAccuracy:
    """How many of the documents that have an expected value for *field* were extracted correctly."""

    field: str
    correct: int
    total: int


def correct_fields(value: Any, expected: Mapping[str, Any]) -> dict[str, bool]:
    """Return for each expected field whether *value* has the same."""
    fields = value if isinstance(value, dict) else {}
    return {name: name in fields and is_equal(fields[name], wanted) for name, wanted in expected.items()}


def field_accuracy(pairs: Iterable[tuple[Any, Mapping[str, Any] | None]]) -> list[FieldAccuracy]:
    """Count the correct values of each field; *pairs* are values with what was expected, None if unknown."""
    results: dict[str, list[bool]] = {}
    for value, expected in pairs:
        for name, is_correct in correct_fields(value, expected or {}).items():
            results.setdefault(name, []).append(is_correct)
    return [FieldAccuracy(name, sum(correct), len(correct)) for name, correct in results.items()]


def is_equal(value: Any, expected: Any) -> bool:
    """Whether the values are the same, apart from case, spaces and composition of texts. True is not 1."""
    if isinstance(value, str) and isinstance(expected, str):
        texts = [" ".join(normalize("NFC", text).split()).casefold() for text in (value, expected)]
        return texts[0] == texts[1]
    if isinstance(value, list) and isinstance(expected, list):
        pairs = zip(value, expected, strict=False)
        return len(value) == len(expected) and all(is_equal(item, wanted) for item, wanted in pairs)
    if isinstance(value, dict) and isinstance(expected, dict):
        is_same = value.keys() == expected.keys()
        return is_same and all(is_equal(value[name], wanted) for name, wanted in expected.items())
    return isinstance(value, bool) is isinstance(expected, bool) and bool(value == expected)
