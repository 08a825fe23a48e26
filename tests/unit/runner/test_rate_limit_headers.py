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
    ("limit", "needed", "seconds"),
    [
        (RateLimit(100, 50, 30), 50, 0.0),
        # Half of it takes 30 seconds to come back, a tenth of that a tenth.
        (RateLimit(100, 50, 30), 55, 3.0),
        (RateLimit(3, 0, 60), 1, 20.0),
        # More than the limit is never available at once.
        (RateLimit(3, 0, 60), 10, 60.0),
        (RateLimit(3, 3, 0), 10, 0.0),
    ],
)
def test_waits_until_enough_is_available(limit: RateLimit, needed: float, seconds: float) -> None:
    assert limit.seconds_until(needed) == pytest.approx(seconds)


@given(
    limit=st.integers(1, 10**6),
    used=st.integers(0, 10**6),
    needed=st.integers(0, 10**7),
    reset=st.floats(0, 600),
)
def test_waits_no_longer_than_the_reset(limit: int, used: int, needed: int, reset: float) -> None:
    seconds = RateLimit(limit, max(0, limit - used), reset).seconds_until(needed)
    assert 0 <= seconds <= reset
