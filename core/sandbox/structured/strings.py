"""Strings within the constraints of a schema: format, pattern and length."""

import ipaddress
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Any

from core.sandbox.json_schema.patterns import parse_pattern
from core.sandbox.json_schema.strict import Schema

# A value for each format, for a text that has none.
_FORMAT_DEFAULTS = {
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "date": "1970-01-01",
    "duration": "PT0S",
    "email": "unknown@example.com",
    "hostname": "example.com",
    "ipv4": "0.0.0.0",
    "ipv6": "::",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(
    r"P(?!$)(?:\d+W|(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)", re.ASCII
)
_EMAIL = re.compile(r"[^\s@]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_HOSTNAME = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_WORD = re.compile(r"\S+")
_EDGES = "\"'“”‘’()[]{}<>.,;:!?"


def fits_string(text: str, schema: Schema) -> bool:
    """Return whether *text* is within the constraints of *schema*."""
    if not schema.get("minLength", 0) <= len(text) <= schema.get("maxLength", len(text)):
        return False
    check = _FORMAT_CHECKS.get(schema.get("format", ""))
    if check is not None and not _passes(check, text):
        return False
    pattern = schema.get("pattern")
    return pattern is None or parse_pattern(pattern).matches(text)


def fit_candidate(candidates: Iterable[str], schema: Schema) -> str | None:
    """Return the first of *candidates* that fits *schema*; one that is too long is shortened if it may be."""
    shortened = None
    limit = schema.get("maxLength")
    for candidate in candidates:
        if fits_string(candidate, schema):
            return candidate
        if limit and len(candidate) > limit and shortened is None:
            text = candidate[:limit].rstrip()
            shortened = text if fits_string(text, schema) else None
    return shortened


def find_matching_words(text: str, schema: Schema) -> list[str]:
    """Return the words of *text* that match the whole `pattern`, or that have the format, of *schema*."""
    pattern = parse_pattern(schema["pattern"]) if "pattern" in schema else None
    check = _FORMAT_CHECKS.get(schema.get("format", ""))
    if pattern is None and check is None:
        return []
    stripped = (word.strip(_EDGES) for word in _WORD.findall(text)[:2_000])
    words = [word for word in dict.fromkeys(stripped) if word]
    if pattern is not None:
        return [word for word in words if pattern.fullmatches(word)]
    return [word for word in words if check is not None and _passes(check, word)]


def default_string(schema: Schema) -> str:
    """Return a text that fits *schema* without saying anything: empty, if that is allowed."""
    text = _FORMAT_DEFAULTS.get(schema.get("format", ""), "")
    if "pattern" in schema and not fits_string(text, schema):
        text = parse_pattern(schema["pattern"]).sample()
    missing = schema.get("minLength", 0) - len(text)
    return text + "-" * missing if missing > 0 and "format" not in schema else text


def _passes(check: Callable[[str], Any], text: str) -> bool:
    try:
        return bool(check(text))
    except ValueError:
        return False


# The library also reads other forms of ISO 8601, such as weeks, which the formats do not allow.
def _check_date(text: str) -> bool:
    return bool(_DATE.fullmatch(text) and date.fromisoformat(text))


def _check_time(text: str) -> bool:
    return bool(_TIME.fullmatch(text) and time.fromisoformat(text))


def _check_datetime(text: str) -> bool:
    return text[10:11] in ("T", "t") and _check_date(text[:10]) and _check_time(text[11:])


_FORMAT_CHECKS: dict[str, Callable[[str], Any]] = {
    "date-time": _check_datetime,
    "time": _check_time,
    "date": _check_date,
    "duration": _DURATION.fullmatch,
    "email": _EMAIL.fullmatch,
    "hostname": _HOSTNAME.fullmatch,
    "ipv4": lambda text: bool(ipaddress.IPv4Address(text)) or True,
    "ipv6": lambda text: ipaddress.IPv6Address(text).scope_id is None,
    "uuid": lambda text: len(text) == 36 and str(uuid.UUID(text)) == text.lower(),
}
