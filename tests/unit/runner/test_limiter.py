"""The number of calls at once: growth, overloads, pauses, priorities and turns."""

import asyncio
from collections.abc import Iterable
from functools import partial

import pytest

from core.errors.response import ErrorResponse
from core.runner.limiter import INITIAL_LIMIT, AdaptiveLimiter
from core.runner.rate_limit_budget import CallStart

RATE_EXCEEDED = ErrorResponse(status=429, headers={"retry-after": "20"})
OVERLOADED = ErrorResponse(status=503, headers={"retry-after": "20"})


async def fill(limiter: AdaptiveLimiter) -> list[CallStart]:
    """Start as many calls as the limiter grants."""
    return [limiter.start() for _ in range(await limiter.request(1_000))]


def succeed(limiter: AdaptiveLimiter, starts: Iterable[CallStart]) -> None:
    for start in starts:
        limiter.succeeded(start, {})
        limiter.release()


def refuse(limiter: AdaptiveLimiter, starts: Iterable[CallStart], error: ErrorResponse) -> None:
    for start in starts:
        limiter.failed(start, error)
        limiter.release()


async def test_starts_small_and_doubles_each_round() -> None:
    limiter = AdaptiveLimiter()
    limits = [limiter.limit]
    for _ in range(3):
        succeed(limiter, await fill(limiter))
        limits.append(limiter.limit)

    # The limit grows while a round is under way, but only while all slots are in use.
    assert limits[0] == INITIAL_LIMIT
    assert limits == sorted(set(limits))


async def test_keeps_to_its_maximum() -> None:
    limiter = AdaptiveLimiter(maximum=6)
    for _ in range(20):
        succeed(limiter, await fill(limiter))
    assert limiter.limit == 6


async def test_does_not_grow_while_slots_are_free() -> None:
    limiter = AdaptiveLimiter()
    for _ in range(20):
        succeed(limiter, [await limiter.acquire()])
    assert limiter.limit == INITIAL_LIMIT


async def test_halves_once_for_all_calls_of_an_exceeded_rate() -> None:
    limiter = AdaptiveLimiter(initial=40)
    refuse(limiter, await fill(limiter), RATE_EXCEEDED)
    assert limiter.limit == 20


async def test_grows_slowly_after_an_exceeded_rate() -> None:
    limiter = AdaptiveLimiter(initial=40)
    starts = await fill(limiter)
    refuse(limiter, starts[:1], RATE_EXCEEDED)
    for start in starts[1:20]:
        limiter.succeeded(start, {})
    assert limiter.limit <= 21


async def test_loses_the_slots_that_a_full_server_refuses() -> None:
    limiter = AdaptiveLimiter(initial=40)
    starts = await fill(limiter)
    refuse(limiter, starts[30:], OVERLOADED)
    assert (limiter.limit, limiter.in_flight, limiter.delay) == (30, 30, 0)


async def test_does_not_wait_with_other_calls_while_a_server_is_only_full() -> None:
    limiter = AdaptiveLimiter(initial=4)
    starts = await fill(limiter)
    refuse(limiter, starts[:1], OVERLOADED)
    succeed(limiter, starts[1:2])
    assert await limiter.request() == 1


async def test_waits_with_all_calls_for_a_server_that_answers_none() -> None:
    limiter = AdaptiveLimiter(initial=40)
    refuse(limiter, await fill(limiter), OVERLOADED)
    refuse(limiter, await fill(limiter), OVERLOADED)
    assert 19 < limiter.delay <= 20
    assert limiter.limit <= INITIAL_LIMIT


@pytest.mark.parametrize("error", [ErrorResponse(status=500), ErrorResponse(status=400), ErrorResponse()])
async def test_ignores_errors_that_are_no_overload(error: ErrorResponse) -> None:
    limiter = AdaptiveLimiter()
    limiter.failed(await limiter.acquire(), error)
    assert (limiter.limit, limiter.delay) == (INITIAL_LIMIT, 0.0)


async def test_pauses_all_calls_as_long_as_the_server_asks() -> None:
    limiter = AdaptiveLimiter()
    refuse(limiter, [await limiter.acquire()], RATE_EXCEEDED)

    waiting = [limiter.request() for _ in range(2)]
    await asyncio.sleep(0)

    assert not any(request.done() for request in waiting)
    assert 19 < limiter.delay <= 20
    for request in waiting:
        limiter.withdraw(request)


async def test_continues_after_the_pause() -> None:
    limiter = AdaptiveLimiter()
    error = ErrorResponse(status=429, headers={"retry-after-ms": "20"})
    refuse(limiter, [await limiter.acquire()], error)
    async with asyncio.timeout(60):
        assert await limiter.request() == 1
    assert limiter.delay == 0


async def test_waits_before_the_requests_are_exhausted() -> None:
    limiter = AdaptiveLimiter()
    starts = await fill(limiter)
    headers = {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "3",
        "x-ratelimit-reset-requests": "97s",
    }
    limiter.succeeded(starts[0], headers)
    limiter.release()
    # The three other calls need what is left, and one is kept in reserve.
    assert limiter.free == 0
    assert limiter.delay == pytest.approx(2, abs=0.5)


async def test_waits_before_the_tokens_are_exhausted() -> None:
    limiter = AdaptiveLimiter()
    start = await limiter.acquire()
    limiter.record_tokens(600)
    headers = {
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "500",
        "x-ratelimit-reset-tokens": "50s",
    }
    limiter.succeeded(start, headers)
    assert limiter.delay == pytest.approx(11, abs=0.5)


async def test_grants_by_priority_and_then_in_turn() -> None:
    limiter = AdaptiveLimiter(initial=1)
    await limiter.request()
    granted: list[str] = []
    for name, priority in (("first", 0), ("second", 0), ("urgent", 5)):
        request = limiter.request(1, priority)
        request.add_done_callback(partial(lambda name, _: granted.append(name), name))
    for _ in range(3):
        limiter.release()
        await asyncio.sleep(0)
    assert granted == ["urgent", "first", "second"]


async def test_shares_free_slots_among_the_runners_that_wait() -> None:
    limiter = AdaptiveLimiter(initial=12)
    slots = len(await fill(limiter))
    requests = [limiter.request(100) for _ in range(3)]
    limiter.release(slots)
    granted = [request.result() for request in requests]
    assert (sum(granted), min(granted)) == (12, 4)


async def test_grants_nothing_to_a_withdrawn_request() -> None:
    limiter = AdaptiveLimiter(initial=1)
    await limiter.request()
    withdrawn, waiting = limiter.request(), limiter.request()
    limiter.withdraw(withdrawn)
    limiter.release()
    assert (await withdrawn, await waiting, limiter.in_flight) == (0, 1, 1)


async def test_returns_the_slot_of_a_cancelled_wait() -> None:
    limiter = AdaptiveLimiter(initial=1)
    await limiter.request()
    task = asyncio.create_task(limiter.acquire())
    await asyncio.sleep(0)
    limiter.release()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert limiter.in_flight == 0
