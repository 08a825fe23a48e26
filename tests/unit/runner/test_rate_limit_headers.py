"""The rate limits in response headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.runner.rate_limit_headers import RateLimit, parse_duration, rate_limit


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012),
        ("6m0s", 360.0),
        ("1h2m3.5s", 3723.5),
        ("59.700s", 59.7),
        ("20", 20.0),
        ("", None),
        ("soon", None),
        ("1s later", None),
        ("-3", None),
        ("inf", None),
    ],
)
def test_parses_a_duration(text: str, seconds: float | None) -> None:
    assert parse_duration(text) == (None if seconds is None else pytest.approx(seconds))


@given(st.text(max_size=60))
def test_reads_any_text_as_a_duration_or_none(text: str) -> None:
    seconds = parse_duration(text)
    assert seconds is None or seconds >= 0


def test_reads_the_headers_of_a_unit() -> None:
    headers = {
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "29000",
        "x-ratelimit-reset-tokens": "2s",
    }
    assert rate_limit(headers, "tokens") == RateLimit(30_000, 29_000, 2.0)
    assert rate_limit(headers, "requests") is None


@pytest.mark.parametrize(
    ("limit", "seconds", "available"),
    [
        (RateLimit(100, 50, 30), 0, 50),
        # Half of it takes 30 seconds to come back, a tenth of that a tenth.
        (RateLimit(100, 50, 30), 3, 55),
        (RateLimit(100, 50, 30), 60, 100),
        (RateLimit(3, 3, 0), 10, 3),
        (RateLimit(3, 1, 0), 10, 1),
    ],
)
def test_refills_a_limit_until_its_reset(limit: RateLimit, seconds: float, available: float) -> None:
    assert limit.available_after(seconds) == pytest.approx(available)
