"""A value with a format of strict mode is valid only if it is written so."""

from typing import Any

import pytest

from core.json_schema.strict import strict_rules
from core.json_schema.validation import validate

VALUES: dict[str, tuple[list[str], list[str]]] = {
    "date-time": (
        [
            "2026-04-01T09:30:00Z",
            "2026-04-01t09:30:00.123456789z",
            "2026-04-01T23:59:59-00:00",
            "2016-12-31T23:59:60Z",
            "2017-01-01T08:59:60+09:00",
        ],
        [
            "2026-04-01T09:30:00",
            "2026-04-01 09:30:00Z",
            "2026-04-01T09:30Z",
            "2026-04-01T24:00:00Z",
            "2026-02-30T09:30:00Z",
            "2026-04-01T09:30:00+0900",
            "20260401T093000Z",
            "2016-12-31T22:59:60Z",
            "2026-04-01T09:30:00Z\n",
            "٢٠٢٦-04-01T09:30:00Z",
            "2026-04-01",
            "tomorrow",
            "",
        ],
    ),
    "time": (
        ["09:30:00Z", "09:30:00.5+09:00", "23:59:60Z"],
        ["09:30:00", "09:30Z", "9:30:00Z", "24:00:00Z", "09:60:00Z", "09:30:00+24:00", "09:30:00,5Z", "noon"],
    ),
    "date": (["2026-04-01", "2024-02-29"], ["2026-02-29", "2026-W14-3", "20260401", "04/01/2026"]),
    "duration": (
        ["P1Y2M10DT2H30M", "PT0S", "P4W", "PT1.5S", "P0.5D", "PT36H"],
        [
            "P",
            "PT",
            "P1DT",
            "1D",
            "P1",
            "P1S",
            "P1W2D",
            "PT1.5H30M",
            "P1M1Y",
            "p1d",
            "P1D\n",
            "-P1D",
            "2 hours",
        ],
    ),
    "email": (["jo@example.com"], ["jo.example.com"]),
    "hostname": (
        ["localhost", "api.example.com", "1host", "xn--9n2bp8q.kr", "a" * 63, ".".join(["a" * 63] * 3)],
        [
            "",
            "a_b.com",
            "-a.com",
            "a-.com",
            "a..com",
            ".com",
            "a" * 64,
            ".".join(["a" * 63] * 4),
            "a b",
            "서울.kr",
        ],
    ),
    "ipv4": (["10.0.0.1"], ["10.0.0.256", "10.0.0", "010.0.0.1"]),
    "ipv6": (["::1", "2001:db8::ff"], ["fe80::1%eth0", "12345::", "10.0.0.1"]),
    "uuid": (
        ["12345678-1234-1234-1234-1234567890aB"],
        ["12345678123412341234123456789012", "12345678-1234-1234-1234-12345678901g"],
    ),
}


def test_are_all_those_of_strict_mode() -> None:
    assert VALUES.keys() == strict_rules().formats


@pytest.mark.parametrize(
    ("format", "value"), [(name, value) for name, (valid, _) in VALUES.items() for value in valid]
)
def test_accepts(format: str, value: str) -> None:
    assert validate(value, {"type": "string", "format": format}) == []


@pytest.mark.parametrize(
    ("format", "value"), [(name, value) for name, (_, invalid) in VALUES.items() for value in invalid]
)
def test_refuses(format: str, value: str) -> None:
    (problem,) = validate(value, {"type": "string", "format": format})

    assert problem.message == f"{value!r} is not a {format!r}"


@pytest.mark.parametrize("format", VALUES)
@pytest.mark.parametrize("value", [5, None, ["x"]])
def test_applies_to_strings_only(format: str, value: Any) -> None:
    assert validate(value, {"format": format}) == []
