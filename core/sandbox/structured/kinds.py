"""What a name asks for: the kind of value of a field, or of a label in a text."""

import re
from functools import lru_cache

from core.paths import DATA

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-./\s]+")

MONEY_KINDS = frozenset(("tax", "subtotal", "discount", "unit_price", "total", "money"))
DATE_KINDS = frozenset(("due_date", "birth_date", "date"))


def _load_patterns(name: str) -> dict[str, re.Pattern[str]]:
    """Load a table of names with their English and Korean words."""
    lines = (DATA / "sandbox" / name).read_text(encoding="utf-8").splitlines()
    rows = [re.split(r"\s+\|\s+", line) for line in lines if line and not line.startswith("#")]
    return {key: re.compile(rf"\b(?:{english})s?\b|{korean}", re.I) for key, english, korean in rows}


_KINDS = _load_patterns("field_kinds.txt")
_ROLES = _load_patterns("field_roles.txt")


@lru_cache(maxsize=4_096)
def split_name(name: str) -> str:
    """Return *name* as words in lower case: `invoiceDate` and `invoice_date` as `invoice date`."""
    return " ".join(part for part in _WORD_BOUNDARY.split(name) if part).lower()


@lru_cache(maxsize=4_096)
def find_kind(words: str) -> str:
    """Return the kind that *words*, the name of a field or a label, asks for; empty if it is unknown."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(words)), "")


@lru_cache(maxsize=4_096)
def find_role(words: str) -> str:
    """Return the role of a person or organization that *words* name; empty if they name none."""
    return next((role for role, pattern in _ROLES.items() if pattern.search(words)), "")


def role_pattern(role: str) -> re.Pattern[str] | None:
    """Return the words that stand beside somebody in *role*."""
    return _ROLES.get(role)
