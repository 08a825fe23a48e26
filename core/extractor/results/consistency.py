"""How far several extractions from the same text agree, field by field."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.extractor.results.sources import leaves

ValuePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value, and how many extractions have it. *is_missing* counts those without such a field."""

    value: Any
    count: int
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """The different *values* at *path*, the most frequent first; of equally frequent ones the first."""

    path: ValuePath
    values: tuple[ValueCount, ...]

    @property
    def majority(self) -> ValueCount:
        return self.values[0]

    @property
    def total(self) -> int:
        return sum(value.count for value in self.values)

    @property
    def is_unanimous(self) -> bool:
        return len(self.values) == 1


def field_agreement(values: Sequence[Any]) -> list[FieldAgreement]:
    """Compare the single values inside *values*, one of each extraction, in the order of their fields."""
    by_path = [dict(leaves(value)) for value in values]
    paths = dict.fromkeys(path for fields in by_path for path in fields)
    agreements = []
    for path in paths:
        # As JSON, because true and 1 are equal in Python, and lists cannot be counted.
        texts = [_json_text(fields[path]) if path in fields else None for fields in by_path]
        counts = tuple(
            ValueCount(None, count, is_missing=True) if text is None else ValueCount(json.loads(text), count)
            for text, count in Counter(texts).most_common()
        )
        agreements.append(FieldAgreement(path, counts))
    return agreements


def _json_text(leaf: Any) -> str:
    """Return a single value as JSON; 1.0 is written as 1, which is the same number in JSON Schema."""
    return json.dumps(int(leaf) if isinstance(leaf, float) and leaf.is_integer() else leaf)
