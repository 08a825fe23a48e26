"""The number of calls at once: growth, overloads, pauses, priorities and turns."""

import asyncio
from functools import partial

import pytest

from core.errors.response import ErrorResponse
from core.runner.limiter import INITIAL_LIMIT, AdaptiveLimiter

OVERLOADED = ErrorResponse(status=429, headers={"retry-after": "20"})


def now() -> float:
    return asyncio.get_running_loop().time()


async def fill(limiter: AdaptiveLimiter) -> int:
    return await limiter.request(1_000)


async def finish_round(limiter: AdaptiveLimiter) -> None:
    """Fill all slots, and let all calls succeed."""
    for _ in range(await fill(limiter)):
        limiter.succeeded({})
        limiter.release()


async def test_starts_small_and_doubles_each_round() -> None:
    limiter = AdaptiveLimiter()
    limits = [limiter.limit]
    for _ in range(3):
        await finish_round(limiter)
        limits.append(limiter.limit)

    # The limit grows while a round is under way, but only while all slots are in use.
    assert limits[0] == INITIAL_LIMIT
    assert limits == sorted(set(limits))


async def test_keeps_to_its_maximum() -> None:
    limiter = AdaptiveLimiter(maximum=6)
    for _ in range(20):
        await finish_round(limiter)
    assert limiter.limit == 6


async def test_does_not_grow_while_slots_are_free() -> None:
    limiter = AdaptiveLimiter()
    for _ in range(20):
        await limiter.request(1)
        limiter.succeeded({})
        limiter.release()
    assert limiter.limit == INITIAL_LIMIT


async def test_halves_once_for_all_calls_of_an_overload() -> None:
    limiter = AdaptiveLimiter(initial=40)
    started = now()
    for _ in range(await fill(limiter)):
        limiter.failed(OVERLOADED, started)
        limiter.release()
    assert limiter.limit == 20


async def test_grows_slowly_after_an_overload() -> None:
    limiter = AdaptiveLimiter(initial=40)
    await fill(limiter)
    limiter.failed(OVERLOADED, now())
    for _ in range(20):
        limiter.succeeded({})
    assert limiter.limit <= 21


@pytest.mark.parametrize("error", [ErrorResponse(status=500), ErrorResponse(status=400), ErrorResponse()])
async def test_ignores_errors_that_are_no_overload(error: ErrorResponse) -> None:
    limiter = AdaptiveLimiter()
    await limiter.request()
    limiter.failed(error, now())
    assert (limiter.limit, limiter.pause) == (INITIAL_LIMIT, 0.0)


async def test_pauses_all_calls_as_long_as_the_server_asks() -> None:
    limiter = AdaptiveLimiter()
    await limiter.request()
    limiter.failed(OVERLOADED, now())
    limiter.release()

    waiting = [limiter.request() for _ in range(2)]
    await asyncio.sleep(0)

    assert not any(request.done() for request in waiting)
    assert 19 < limiter.pause <= 20
    for request in waiting:
        limiter.withdraw(request)


async def test_continues_after_the_pause() -> None:
    limiter = AdaptiveLimiter()
    await limiter.request()
    limiter.failed(ErrorResponse(status=429, headers={"retry-after-ms": "20"}), now())
    limiter.release()
    async with asyncio.timeout(60):
        assert await limiter.request() == 1
    assert limiter.pause == 0


async def test_pauses_before_the_requests_are_exhausted() -> None:
    limiter = AdaptiveLimiter()
    await fill(limiter)
    headers = {
        "x-ratelimit-limit-requests": "10",
        "x-ratelimit-remaining-requests": "2",
        "x-ratelimit-reset-requests": "32s",
    }
    limiter.succeeded(headers)
    # Two of the four calls may exhaust what is left, and one comes back every four seconds.
    assert limiter.pause == pytest.approx(8, abs=0.5)


async def test_pauses_before_the_tokens_are_exhausted() -> None:
    limiter = AdaptiveLimiter()
    await limiter.request()
    limiter.record_tokens(600)
    headers = {
        "x-ratelimit-limit-tokens": "1000",
        "x-ratelimit-remaining-tokens": "500",
        "x-ratelimit-reset-tokens": "30s",
    }
    limiter.succeeded(headers)
    assert limiter.pause == pytest.approx(6, abs=0.5)


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
    slots = await fill(limiter)
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
