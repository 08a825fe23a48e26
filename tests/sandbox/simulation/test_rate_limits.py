"""The rate limits: reported in the headers, and enforced once a client has set them."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import OpenAI, RateLimitError

from core.runner.rate_limit_headers import parse_duration
from core.sandbox.api.errors import ApiError
from core.sandbox.simulation.rate_limits import RateLimiter, RateLimits, format_duration
from tests.sandbox.client import CHAT_MODEL, HI_MESSAGES

PARAMS: Any = {"model": CHAT_MODEL, "messages": HI_MESSAGES}
ONE_A_SECOND = RateLimits(requests=60)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admit(limiter: RateLimiter, limits: RateLimits, tokens: int = 1, model: str = "m") -> dict[str, str]:
    return limiter.admit("client", model, tokens, limits)


def test_refuses_a_request_when_the_limit_is_used_up_and_admits_it_after_the_time_that_it_names() -> None:
    clock = Clock()
    limiter = RateLimiter(clock)
    for _ in range(60):
        admit(limiter, ONE_A_SECOND)
    with pytest.raises(
        ApiError, match=r"\(RPM\): Limit 60, Used 60, Requested 1. Please try again in 1s"
    ) as info:
        admit(limiter, ONE_A_SECOND)
    assert (info.value.status, info.value.error_type, info.value.code) == (
        429,
        "requests",
        "rate_limit_exceeded",
    )
    assert (info.value.headers["retry-after"], info.value.headers["retry-after-ms"]) == ("1", "1000")
    clock.now += 1
    assert admit(limiter, ONE_A_SECOND)["x-ratelimit-remaining-requests"] == "0"


def test_refuses_more_tokens_than_the_limit_without_a_time_to_wait() -> None:
    with pytest.raises(ApiError, match=r"Request too large .* Limit 100, Requested 101") as info:
        admit(RateLimiter(Clock()), RateLimits(tokens=100), tokens=101)
    assert "retry-after" not in info.value.headers


def test_counts_models_apart_and_never_refuses_without_a_limit() -> None:
    limiter = RateLimiter(Clock())
    one = RateLimits(requests=1)
    admit(limiter, one, model="a")
    admit(limiter, one, model="b")
    for _ in range(20_000):
        headers = admit(limiter, RateLimits())
    assert headers["x-ratelimit-remaining-requests"] == "0"


def test_does_not_count_a_refused_request() -> None:
    limiter = RateLimiter(Clock())
    limits = RateLimits(requests=5, tokens=100)
    with pytest.raises(ApiError):
        admit(limiter, limits, tokens=1_000)
    assert admit(limiter, limits)["x-ratelimit-remaining-requests"] == "4"


@given(st.lists(st.floats(0, 3), max_size=200), st.integers(1, 120))
def test_never_admits_more_than_a_full_bucket_and_its_refill(pauses: list[float], limit: int) -> None:
    clock = Clock()
    limiter = RateLimiter(clock)
    admitted = 0
    for pause in pauses:
        clock.now += pause
        try:
            admit(limiter, RateLimits(requests=limit))
        except ApiError:
            continue
        admitted += 1
    assert admitted <= limit + clock.now * limit / 60 + 1e-6


@given(st.floats(0, 100_000))
def test_writes_durations_that_are_read_again(seconds: float) -> None:
    parsed = parse_duration(format_duration(seconds))
    assert parsed is not None
    assert seconds <= parsed + 1e-6 <= seconds + 0.0011


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.012, "12ms"), (1.5, "1.5s"), (360, "6m0s"), (0, "0ms"), (61.25, "1m1.25s")]
)
def test_writes_durations_as_the_api_does(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.fixture
def _limits(http_client: httpx2.Client) -> Iterator[None]:
    limits = {"requests_per_minute": 2, "tokens_per_minute": 500}
    assert (
        http_client.put("/sandbox/settings", json=limits).json() | limits
        == http_client.get("/sandbox/settings").json()
    )
    yield
    http_client.put("/sandbox/settings", json=dict.fromkeys(limits)).raise_for_status()


@pytest.mark.usefixtures("_limits")
def test_reports_the_tokens_of_a_reply(client: OpenAI) -> None:
    before, after = (client.chat.completions.with_raw_response.create(**PARAMS).headers for _ in range(2))
    name = "x-ratelimit-remaining-tokens"
    assert int(after[name]) < int(before[name])


@pytest.mark.usefixtures("_limits")
def test_enforces_the_limits_that_were_set(client: OpenAI) -> None:
    for _ in range(2):
        client.chat.completions.create(**PARAMS)
    with pytest.raises(RateLimitError) as info:
        client.chat.completions.create(**PARAMS)
    assert info.value.code == "rate_limit_exceeded"
    assert info.value.response.headers["x-ratelimit-limit-requests"] == "2"
    assert int(info.value.response.headers["retry-after"]) in range(29, 31)


@pytest.mark.usefixtures("_limits")
def test_enforces_the_token_limit_for_embeddings(client: OpenAI) -> None:
    with pytest.raises(RateLimitError, match="tokens per min"):
        client.embeddings.create(model="text-embedding-3-small", input="many words " * 300)


@pytest.mark.parametrize("value", [0, -1, 1.5, "10", True, 10**10])
def test_refuses_a_limit_that_is_no_positive_integer(http_client: httpx2.Client, value: object) -> None:
    response = http_client.put("/sandbox/settings", json={"requests_per_minute": value})
    assert response.status_code == 400
    assert http_client.get("/sandbox/settings").json()["requests_per_minute"] is None
