"""Retry a call by the SDK's policy, but with a callback for each attempt.

The SDK's own retries cannot be observed, so clients are created with `max_retries=0`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from core.errors.explain import explain
from core.errors.response import MAX_RETRY_AFTER, ErrorResponse, parse_error
from core.runs.run import Attempt

T = TypeVar("T")

# The SDK's values: the delay doubles from the initial one to the maximum; jitter subtracts up to a quarter.
_INITIAL_DELAY = 0.5
_MAX_DELAY = 8.0
_JITTER = 0.25


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often to retry, and a source of numbers in [0, 1) for the jitter.

    *max_overload_retries* applies to an overload, 429 and 503; None is as often as other errors.
    """

    max_retries: int = 2
    rng: Callable[[], float] = field(default=random.random, repr=False, compare=False)
    max_overload_retries: int | None = None

    def retries_after(self, error: ErrorResponse) -> int:
        if error.is_overload and self.max_overload_retries is not None:
            return self.max_overload_retries
        return self.max_retries


@dataclass(frozen=True, slots=True)
class RetryDelay:
    """Seconds until the next attempt, and whether the server asked for exactly that delay."""

    seconds: float
    retry_after: bool = False


def retry_delay(policy: RetryPolicy, exc: BaseException, attempt: int) -> RetryDelay | None:
    """Return the delay after *attempt* (the first is 1) failed with *exc*; None if it is not to be retried.

    Retried are the SDK's connection errors and time-outs, 408, 409, 429 and 5xx, unless `x-should-retry` says
    otherwise, the server asks for more than 120 s or the quota is exhausted. An error within a reply is never
    retried, because the text on screen would start over: it is an error of httpx2, not of the SDK.
    """
    import openai  # late: no call fails before the SDK is loaded

    error = parse_error(exc)
    retryable = error.retryable or isinstance(exc, openai.APIConnectionError)
    if attempt > policy.retries_after(error) or not retryable:
        return None
    retry_after = error.retry_after
    if retry_after is not None and retry_after <= MAX_RETRY_AFTER:
        return RetryDelay(retry_after, retry_after=True)
    backoff = min(_INITIAL_DELAY * 2.0 ** min(attempt - 1, 10), _MAX_DELAY)
    return RetryDelay(backoff * (1 - _JITTER * policy.rng()))


async def with_retries(
    call: Callable[[], Awaitable[T]],
    policy: RetryPolicy,
    on_retry: Callable[[Attempt], None],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> T:
    """Return what *call* returns, or raise its last error; calls *on_retry* before each delay."""
    attempt = 1
    while True:
        try:
            return await call()
        except Exception as exc:
            delay = retry_delay(policy, exc, attempt)
            if delay is None:
                raise
            error = explain(exc)
            reason = f"{error.title}, simulated" if error.simulated else error.title
            on_retry(Attempt(attempt, reason, delay.seconds, delay.retry_after))
        await sleep(delay.seconds)
        attempt += 1
