"""Durations, amounts and times as text."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from components.ui.formatting import (
    format_bytes,
    format_count,
    format_dollars,
    format_duration,
    format_seconds,
    relative_time,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0"),
        ("0.0000018", "$0.0000018"),
        ("0.000123456", "$0.00012"),
        ("0.05", "$0.050"),
        ("1.239", "$1.24"),
        ("1234.5", "$1,234.50"),
    ],
)
def test_formats_dollars_with_significant_digits(amount: str, text: str) -> None:
    assert format_dollars(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1, "1 byte"), (1023, "1,023 bytes"), (1536, "1.5 KB"), (200 * 2**20, "200 MB")],
)
def test_formats_bytes_in_units_of_1024(size: int, text: str) -> None:
    assert format_bytes(size) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0254, "25 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1.26, "1.3 s")]
)
def test_formats_seconds_in_milliseconds_or_seconds(value: float, text: str) -> None:
    assert format_seconds(value) == text


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=59), "now"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(days=6, hours=23), "6 d"),
        (timedelta(days=7), "15 Nov"),
        (timedelta(days=365), "22 Nov 2025"),
        (timedelta(seconds=-5), "now"),
    ],
    ids=str,
)
def test_formats_the_time_since_a_moment(age: timedelta, text: str) -> None:
    assert relative_time(NOW - age, NOW) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 texts"), (1, "1 text"), (2_000, "2,000 texts")])
def test_formats_a_count_with_its_noun(count: int, text: str) -> None:
    assert format_count(count, "text") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(milliseconds=250), "250 ms"),
        (timedelta(seconds=9.9), "9.9 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(seconds=135), "2 min 15 s"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 h 59 min"),
        (timedelta(days=29, hours=23), "29 d 23 h"),
    ],
    ids=str,
)
def test_formats_a_duration_with_its_two_largest_units(value: timedelta, text: str) -> None:
    assert format_duration(value) == text
