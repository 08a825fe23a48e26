"""Servers that refuse calls, in simulated time: a job takes about as long as the server needs for it."""

import asyncio
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.response import ErrorResponse
from core.runner.limiter import INITIAL_LIMIT, AdaptiveLimiter
from core.runner.runner import MAX_OVERLOAD_RETRIES
from core.sandbox.simulation.rate_limits import RateLimits
from tests.unit.runner.simulation import FullServer, Load, RateLimitedServer, Refused, run_simulated


def finish(load: Load, calls: int) -> float:
    return run_simulated(load.run(calls))


@settings(max_examples=15)
@given(capacity=st.integers(3, 150), seconds=st.floats(0.05, 5), seed=st.integers(0, 99))
def test_keeps_a_full_server_busy(capacity: int, seconds: float, seed: int) -> None:
    server = FullServer(capacity, seconds)
    server.random.seed(seed)
    load = Load(AdaptiveLimiter(), server)

    async def run() -> tuple[float, int]:
        await load.run(10 * capacity)  # until it has learnt the capacity
        load.refusals.clear()
        return await load.run(20 * capacity), len(load.refusals)

    duration, refusals = run_simulated(run())

    # 20 rounds of calls, and the last refused call has waited a second.
    assert duration <= 20 * seconds * 1.25 + seconds + 2
    # About one for each round, in which it tries whether one more is accepted.
    assert refusals <= 20 * 2 + capacity / 5
    assert load.most_retries <= MAX_OVERLOAD_RETRIES / 2


@pytest.mark.parametrize("seconds", [0.2, 1.0])
@pytest.mark.parametrize("per_minute", [300, 3_000])
def test_is_as_fast_as_a_limit_of_requests_allows(per_minute: int, seconds: float) -> None:
    load = Load(AdaptiveLimiter(), RateLimitedServer(RateLimits(requests=per_minute), seconds))
    # The server accepts a minute's requests at once, and the others in a quarter of a minute.
    duration = finish(load, per_minute * 5 // 4)
    at_once = per_minute * seconds / load.maximum
    assert duration <= 1.2 * max(15, at_once) + 10 * seconds
    assert len(load.refusals) <= 5


def test_is_as_fast_as_a_limit_of_tokens_allows() -> None:
    server = RateLimitedServer(RateLimits(tokens=30_000), tokens=500)
    load = Load(AdaptiveLimiter(), server, tokens=500)
    assert finish(load, 120) <= 66
    assert len(load.refusals) <= 5


class RestartingServer(FullServer):
    """Is down from the 10th to the 40th second."""

    async def reply(self) -> Mapping[str, str]:
        if 10 <= asyncio.get_running_loop().time() < 40:
            raise Refused(ErrorResponse(status=503, headers={"retry-after": "5"}))
        return await super().reply()


def test_asks_a_server_that_is_down_with_few_calls_and_recovers_quickly() -> None:
    load = Load(AdaptiveLimiter(), RestartingServer(capacity=1_000, seconds=0.5), maximum=50)

    duration = finish(load, 3_000)

    # Those that were under way, a first repetition, and then a few every five seconds.
    later = [time for time in load.refusals if time > 11]
    assert len(load.refusals) <= 2 * load.maximum + len(later)
    assert len(later) <= 6 * INITIAL_LIMIT
    # It takes 30 s with 50 calls at once, 30 s of waiting, and growth at the beginning and after it.
    assert duration <= 30 + 30 + 20
