"""Retries follow the SDK's policy, and each attempt is reported."""

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import _exceptions as sdk

from core.client.client import create_client
from core.client.profile import Profile
from core.client.retry import RetryDelay, RetryPolicy, retry_delay, with_retries
from core.runs.run import Attempt
from tests.servers import COMPLETION, ConnectionFault, StubResponse, http_response, in_sequence, stub_server

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1")
CONNECTION_ERROR = openai.APIConnectionError(request=REQUEST)
BUSY = http_response({"error": {"message": "busy", "type": "x", "param": None, "code": None}}, 503)
RATE_LIMITED = http_response(
    {"error": {"message": "slow down", "type": "x", "param": None, "code": None}}, 429, retry_after="7"
)

fractions = st.floats(0, 1, exclude_max=True)


def status_error(status: int, code: str | None = None, **headers: str) -> sdk.APIStatusError:
    header_names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, headers=header_names, request=REQUEST)
    return sdk.APIStatusError("no", response=response, body={"code": code})


@given(attempt=st.integers(1, 10), fraction=fractions)
def test_subtracts_up_to_a_quarter_of_the_backoff(attempt: int, fraction: float) -> None:
    delay = retry_delay(RetryPolicy(10, lambda: fraction), CONNECTION_ERROR, attempt)

    backoff = min(0.5 * 2 ** (attempt - 1), 8)
    assert delay
    assert 0.75 * backoff <= delay.seconds <= backoff


@given(retries=st.integers(0, 10), attempt=st.integers(1, 20))
def test_stops_after_the_maximum_of_retries(retries: int, attempt: int) -> None:
    assert (retry_delay(RetryPolicy(retries), CONNECTION_ERROR, attempt) is None) == (attempt > retries)


@given(seconds=st.floats(0.001, 120))
def test_waits_exactly_as_long_as_the_server_asks_for(seconds: float) -> None:
    assert retry_delay(RetryPolicy(), status_error(429, retry_after=str(seconds)), 1) == RetryDelay(
        seconds, retry_after=True
    )


@given(seconds=st.floats(120.001, 1e9), status=st.sampled_from([429, 503]))
def test_does_not_wait_longer_than_two_minutes(seconds: float, status: int) -> None:
    assert retry_delay(RetryPolicy(), status_error(status, retry_after=str(seconds)), 1) is None


@given(status=st.integers(400, 599))
def test_retries_the_statuses_that_the_sdk_retries(status: int) -> None:
    is_retried = retry_delay(RetryPolicy(), status_error(status), 1) is not None

    assert is_retried == (status in (408, 409, 429) or status >= 500)


@pytest.mark.parametrize(
    ("exc", "is_retried"),
    [
        pytest.param(status_error(429, "insufficient_quota"), False, id="exhausted quota"),
        pytest.param(status_error(409, x_should_retry="false"), False, id="x-should-retry false"),
        pytest.param(status_error(400, x_should_retry="true"), True, id="x-should-retry true"),
        pytest.param(openai.APITimeoutError(REQUEST), True, id="timeout"),
        pytest.param(httpx2.ReadError("cut"), False, id="error during the reply"),
        pytest.param(ValueError("bug"), False, id="bug"),
    ],
)
def test_retries_only_transient_errors(exc: Exception, is_retried: bool) -> None:
    assert (retry_delay(RetryPolicy(), exc, 1) is not None) is is_retried


async def send(
    *responses: StubResponse, retries: int = 2
) -> tuple[int, list[Attempt], list[float], Exception | None]:
    """Send a request to a server; return its number of requests, the attempts, the delays and the error."""
    attempts: list[Attempt] = []
    delays: list[float] = []
    error = None

    async def sleep(seconds: float) -> None:
        delays.append(seconds)

    async with stub_server(in_sequence(*responses)) as server:
        client = create_client(Profile(id="t", name="t", kind="custom", base_url=server.url))
        policy = RetryPolicy(retries, lambda: 0.0)
        try:
            await with_retries(
                lambda: client.chat.completions.create(model="m", messages=[]), policy, attempts.append, sleep
            )
        except openai.OpenAIError as exc:
            error = exc
        return len(server.requests), attempts, delays, error


async def test_reports_each_attempt_before_the_delay() -> None:
    requests, attempts, delays, error = await send(BUSY, RATE_LIMITED, http_response(COMPLETION))

    assert (requests, error) == (3, None)
    assert delays == [0.5, 7.0]
    assert attempts == [
        Attempt(1, "The server is overloaded or still loading", 0.5),
        Attempt(2, "Too many requests", 7.0, retry_after=True),
    ]


async def test_raises_the_last_error_when_retries_are_used_up() -> None:
    requests, attempts, _, error = await send(BUSY, retries=1)

    assert (requests, len(attempts)) == (2, 1)
    assert isinstance(error, openai.InternalServerError)


async def test_does_not_retry_when_the_quota_is_exhausted() -> None:
    exhausted = http_response(
        {"error": {"message": "", "type": "x", "param": None, "code": "insufficient_quota"}}, 429
    )

    requests, attempts, _, error = await send(exhausted)

    assert (requests, attempts) == (1, [])
    assert isinstance(error, openai.RateLimitError)


async def test_retries_when_the_connection_is_reset() -> None:
    requests, _, _, error = await send((ConnectionFault.RESET,), http_response(COMPLETION))

    assert (requests, error) == (2, None)
