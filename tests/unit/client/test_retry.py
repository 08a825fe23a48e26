"""Retries follow the SDK's policy, and everyone can watch."""

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
BROKEN = openai.APIConnectionError(request=REQUEST)
BUSY = http_response({"error": {"message": "busy", "type": "x", "param": None, "code": None}}, 503)
LATER = http_response(
    {"error": {"message": "slow down", "type": "x", "param": None, "code": None}}, 429, retry_after="7"
)

fractions = st.floats(0, 1, exclude_max=True)


def refused(status: int, code: str | None = None, **headers: str) -> sdk.APIStatusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, headers=named, request=REQUEST)
    return sdk.APIStatusError("no", response=response, body={"code": code})


@given(attempt=st.integers(1, 10), fraction=fractions)
def test_waits_between_three_quarters_and_all_of_the_backoff(attempt: int, fraction: float) -> None:
    wait = retry_delay(RetryPolicy(10, lambda: fraction), BROKEN, attempt)

    assert wait
    assert 0.75 * min(0.5 * 2 ** (attempt - 1), 8) <= wait.seconds <= min(0.5 * 2 ** (attempt - 1), 8)


@given(retries=st.integers(0, 10), attempt=st.integers(1, 20))
def test_gives_up_after_as_many_retries_as_were_asked_for(retries: int, attempt: int) -> None:
    assert (retry_delay(RetryPolicy(retries), BROKEN, attempt) is None) == (attempt > retries)


@given(seconds=st.floats(0.001, 120))
def test_waits_exactly_as_long_as_the_server_asks(seconds: float) -> None:
    assert retry_delay(RetryPolicy(), refused(429, retry_after=str(seconds)), 1) == RetryDelay(
        seconds, retry_after=True
    )


@given(seconds=st.floats(120.001, 1e9), status=st.sampled_from([429, 503]))
def test_does_not_wait_longer_than_two_minutes(seconds: float, status: int) -> None:
    assert retry_delay(RetryPolicy(), refused(status, retry_after=str(seconds)), 1) is None


@given(status=st.integers(400, 599))
def test_retries_the_statuses_that_the_sdk_retries(status: int) -> None:
    retried = retry_delay(RetryPolicy(), refused(status), 1) is not None

    assert retried == (status in (408, 409, 429) or status >= 500)


@pytest.mark.parametrize(
    ("exc", "retried"),
    [
        pytest.param(refused(429, "insufficient_quota"), False, id="spent quota"),
        pytest.param(refused(409, x_should_retry="false"), False, id="told not to"),
        pytest.param(refused(400, x_should_retry="true"), True, id="told to"),
        pytest.param(openai.APITimeoutError(REQUEST), True, id="timeout"),
        pytest.param(httpx2.ReadError("cut"), False, id="broken in mid-reply"),
        pytest.param(ValueError("bug"), False, id="bug"),
    ],
)
def test_knows_what_another_try_may_mend(exc: Exception, retried: bool) -> None:
    assert (retry_delay(RetryPolicy(), exc, 1) is not None) is retried


async def ask(
    *answers: StubResponse, retries: int = 2
) -> tuple[int, list[Attempt], list[float], Exception | None]:
    """Ask a server that answers so; return requests seen, attempts told of, waits, and what it ended in."""
    told: list[Attempt] = []
    slept: list[float] = []
    error = None

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with stub_server(in_sequence(*answers)) as server:
        client = create_client(Profile(id="t", name="t", kind="custom", base_url=server.url))
        policy = RetryPolicy(retries, lambda: 0.0)
        try:
            await with_retries(
                lambda: client.chat.completions.create(model="m", messages=[]), policy, told.append, sleep
            )
        except openai.OpenAIError as exc:
            error = exc
        return len(server.requests), told, slept, error


async def test_tells_of_each_attempt_before_it_waits() -> None:
    requests, told, slept, error = await ask(BUSY, LATER, http_response(COMPLETION))

    assert (requests, error) == (3, None)
    assert slept == [0.5, 7.0]
    assert told == [
        Attempt(1, "The server is overloaded or still loading", 0.5),
        Attempt(2, "Too many requests", 7.0, retry_after=True),
    ]


async def test_raises_the_last_error_when_retries_are_used_up() -> None:
    requests, told, _, error = await ask(BUSY, retries=1)

    assert (requests, len(told)) == (2, 1)
    assert isinstance(error, openai.InternalServerError)


async def test_asks_once_when_there_is_no_quota() -> None:
    spent = http_response(
        {"error": {"message": "", "type": "x", "param": None, "code": "insufficient_quota"}}, 429
    )

    requests, told, _, error = await ask(spent)

    assert (requests, told) == (1, [])
    assert isinstance(error, openai.RateLimitError)


async def test_tries_again_when_the_connection_is_torn_down() -> None:
    requests, _, _, error = await ask((ConnectionFault.RESET,), http_response(COMPLETION))

    assert (requests, error) == (2, None)
