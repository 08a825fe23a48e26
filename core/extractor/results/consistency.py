"""How far several extractions from the same text agree, field by field."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.extractor.results.sources import leaves

ValuePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """The value that most of *total* extractions have at *path*, and how many have it.

    If several values are equally frequent, it is the first of them. *is_missing* if most have no such field.
    """

    path: ValuePath
    majority: Any
    count: int
    total: int
    is_missing: bool = False

    @property
    def is_unanimous(self) -> bool:
        return self.count == self.total


def field_agreement(values: Sequence[Any]) -> list[FieldAgreement]:
    """Compare the single values inside *values*, one of each extraction, in the order of their fields."""
    by_path = [dict(leaves(value)) for value in values]
    paths = dict.fromkeys(path for fields in by_path for path in fields)
    agreements = []
    for path in paths:
        # As JSON, because true and 1 are equal in Python, and lists cannot be counted.
        texts = [json.dumps(fields[path], sort_keys=True) if path in fields else None for fields in by_path]
        text, count = Counter(texts).most_common(1)[0]
        majority = None if text is None else json.loads(text)
        agreements.append(FieldAgreement(path, majority, count, len(by_path), text is None))
    return agreements
