"""How many calls the reported rate limits allow, between the responses that report them."""

import math

from hypothesis import given
from hypothesis import strategies as st

from core.runner.rate_limit_budget import CallStart, RateLimitBudget


def headers(limit: int, remaining: int, reset: float, unit: str = "requests") -> dict[str, str]:
    names = {"limit": limit, "remaining": remaining, "reset": f"{reset:.3f}s"}
    return {f"x-ratelimit-{name}-{unit}": str(value) for name, value in names.items()}


def start(number: int, time: float = 0.0) -> CallStart:
    return CallStart(number, time, 1)


def test_allows_everything_while_no_limit_is_reported() -> None:
    assert RateLimitBudget().calls_left(10, 0.0) == math.inf
    assert RateLimitBudget().delay(10, 0.0) == 0


def test_subtracts_the_calls_since_the_response_and_adds_the_refill() -> None:
    budget = RateLimitBudget()
    budget.record_headers(headers(100, 50, 50), start(10), 0.0)
    # One of 100 is a reserve.
    assert budget.calls_left(10, 0.0) == 49
    assert budget.calls_left(40, 0.0) == 19
    assert budget.calls_left(40, 6.0) == 25


def test_prefers_the_report_to_the_latest_call() -> None:
    budget = RateLimitBudget()
    budget.record_headers(headers(100, 20, 80), start(2), 5.0)
    budget.record_headers(headers(100, 90, 10), start(1), 6.0)
    assert budget.calls_left(2, 0.0) == 19


def test_obeys_the_limit_that_is_exhausted_first() -> None:
    budget = RateLimitBudget()
    budget.record_tokens(10)
    reports = headers(100, 90, 10) | headers(1_000, 110, 89, "tokens")
    budget.record_headers(reports, start(1), 0.0)
    assert budget.calls_left(1, 0.0) == 10


def test_believes_a_report_for_a_minute() -> None:
    budget = RateLimitBudget()
    budget.record_headers(headers(100, 0, 7_200), start(1), 0.0)
    assert budget.delay(1, 0.0) == 60
    assert budget.calls_left(1, 60.0) == math.inf


@given(
    limit=st.integers(1, 10**6),
    used=st.integers(1, 10**6),
    reset=st.floats(0.01, 600),
    calls=st.integers(1, 10**4),
    tokens=st.integers(1, 10**6),
)
def test_allows_the_next_call_after_its_delay(
    limit: int, used: int, reset: float, calls: int, tokens: int
) -> None:
    budget = RateLimitBudget()
    budget.record_tokens(tokens)
    remaining = max(0, limit - used)
    reports = headers(limit, remaining, reset) | headers(limit, remaining, reset, "tokens")
    budget.record_headers(reports, start(1), 0.0)

    delay = budget.delay(calls, 0.0)

    assert 0 <= delay <= 60
    assert (delay == 0) == (budget.calls_left(calls, 0.0) >= 1)
    # A limit that is full again has no room for all calls that have not been reported yet.
    assert budget.calls_left(calls, delay) >= 0.999 or calls > 1
