"""Retry a call as the SDK would, but so that it can be watched; clients are built with `max_retries=0`."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from core.errors.explain import explain
from core.errors.response import MAX_RETRY_AFTER, ErrorResponse, parse_error
from core.runs.run import Attempt

T = TypeVar("T")

# The SDK's: doubled from the first to the last, with up to a quarter off.
_INITIAL_DELAY = 0.5
_MAX_DELAY = 8.0
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to try again, and a source of numbers in [0, 1) for the jitter."""

    max_retries: int = 2
    rng: Callable[[], float] = field(default=random.random, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class RetryDelay:
    """Seconds until the next attempt, and whether the server asked for just that long."""

    seconds: float
    retry_after: bool = False


def retry_delay(policy: RetryPolicy, exc: BaseException, attempt: int) -> RetryDelay | None:
    """Say how long to wait after *attempt* (the first is 1) failed with *exc*; None: give up.

    Retried are the SDK's connection errors and timeouts, 408, 409, 429 and 5xx, unless `x-should-retry` says
    otherwise, the server asks for more than 120 s or the quota is spent. What breaks in the middle of a reply
    is the transport's error and never retried: the text on screen would start over.
    """
    failure = parse_error(exc)
    if attempt > policy.max_retries or not _retryable(exc, failure):
        return None
    asked = failure.retry_after
    if asked is not None and asked <= MAX_RETRY_AFTER:
        return RetryDelay(asked, retry_after=True)
    backoff = min(_INITIAL_DELAY * 2.0 ** min(attempt - 1, 10), _MAX_DELAY)
    return RetryDelay(backoff * (1 - _JITTER * policy.rng()))


def _retryable(exc: BaseException, failure: ErrorResponse) -> bool:
    import openai  # late: nobody fails before it is loaded

    return failure.retryable or isinstance(exc, openai.APIConnectionError)


async def with_retries(
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    on_retry: Callable[[Attempt], None],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> T:
    """Return what *call* returns, or raise its last error; *on_wait* hears of each failed attempt first."""
    number = 1
    while True:
        try:
            return await call()
        except Exception as exc:
            wait = retry_delay(policy, exc, number)
            if wait is None:
                raise
            on_retry(Attempt(number, explain(exc).title, wait.seconds, wait.retry_after))
        await sleep(wait.seconds)
        number += 1
