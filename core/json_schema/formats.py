"""The formats of strings: those that jsonschema checks, and those that it leaves to further packages."""

import re
from collections.abc import Callable
from datetime import date

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # it has no types

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIME = re.compile(
    r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.\d+)?(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))", re.ASCII
)
_N = r"\d+(?:[.,]\d+)?"
# Only the last number may have decimals.
_DURATION = re.compile(
    r"P(?=[\dT])(?!.*[.,]\d+[A-Z].)"
    rf"(?:{_N}W|(?:{_N}Y)?(?:{_N}M)?(?:{_N}D)?(?:T(?=\d)(?:{_N}H)?(?:{_N}M)?(?:{_N}S)?)?)",
    re.ASCII,
)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")


def _is_datetime(text: str) -> bool:
    """Whether *text* is a date-time of RFC 3339."""
    day = text[:10]
    is_date = bool(_DATE.fullmatch(day) and date.fromisoformat(day))
    return is_date and text[10:11] in ("T", "t") and _is_time(text[11:])


def _is_time(text: str) -> bool:
    """Whether *text* is a full-time of RFC 3339, which has an offset."""
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    hour, minute, second, sign, offset_hours, offset_minutes = match.groups()
    offset = int(f"{sign}1") * (int(offset_hours) * 60 + int(offset_minutes)) if sign else 0
    # A leap second is the last one of a day in UTC.
    return second != "60" or (int(hour) * 60 + int(minute) - offset) % 1440 == 1439


_CHECKS: dict[str, Callable[[str], object]] = {
    "date-time": _is_datetime,
    "time": _is_time,
    "duration": _DURATION.fullmatch,  # of ISO 8601
    "hostname": _HOSTNAME.fullmatch,  # of RFC 1123
}


def _for_strings(check: Callable[[str], object]) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or bool(check(value))


FORMATS: FormatChecker = FormatChecker(Draft202012Validator.FORMAT_CHECKER.checkers)
for _name, _check in _CHECKS.items():
    FORMATS.checks(_name, raises=ValueError)(_for_strings(_check))
