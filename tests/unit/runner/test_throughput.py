"""The number of calls at once follows the throughput: simulated servers that queue what is too much."""

import asyncio
from collections.abc import Mapping
from random import Random

import pytest

from core.runner.limiter import INITIAL_LIMIT, AdaptiveLimiter
from tests.unit.runner.simulation import Load, run_simulated


class QueueingServer:
    """Computes *capacity* replies at once, of random lengths, and queues the others."""

    def __init__(self, capacity: int, seconds: float = 1.0) -> None:
        self.slots = asyncio.Semaphore(capacity)
        self.seconds = seconds
        self.random = Random(7)

    async def reply(self) -> Mapping[str, str]:
        async with self.slots:
            await asyncio.sleep(self.seconds * self.random.uniform(0.5, 1.5))
        return {}


def load_of(server: QueueingServer, initial: int = INITIAL_LIMIT, maximum: int = 50) -> Load:
    return Load(AdaptiveLimiter(initial), server, maximum)


def test_grows_to_its_maximum_while_throughput_grows() -> None:
    async def grow() -> None:
        load = load_of(QueueingServer(capacity=1_000))
        await load.run(1_000)
        assert max(load.limits) >= load.maximum

    run_simulated(grow())


@pytest.mark.parametrize("seed", range(5))
def test_is_not_misled_by_latencies_that_differ_by_chance(seed: int) -> None:
    async def grow() -> None:
        server = QueueingServer(capacity=1_000)
        server.random.seed(seed)
        load = load_of(server, maximum=200)
        seconds = await load.run(4_000)
        # With 200 at once from the beginning, it is 20 s.
        assert seconds < 35

    run_simulated(grow())


@pytest.mark.parametrize("capacity", [4, 10, 20])
def test_stops_growing_where_calls_only_wait_for_each_other(capacity: int) -> None:
    async def grow() -> None:
        load = load_of(QueueingServer(capacity))
        await load.run(500)
        load.limits.clear()
        seconds = await load.run(3_000)
        # Now and then it tries more, so this is the average.
        assert sum(load.limits) / len(load.limits) <= capacity * 3
        # The server is as busy as with any number of calls.
        assert 3_000 / seconds >= 0.9 * capacity

    run_simulated(grow())


def test_gives_way_when_the_server_becomes_slower() -> None:
    async def slow_down() -> None:
        server = QueueingServer(capacity=1_000)
        load = load_of(server, initial=20, maximum=20)
        await load.run(200)
        limit = load.limiter.limit

        server.seconds = 4.0
        await load.run(200)

        assert min(load.limits) < limit

    run_simulated(slow_down())


def test_grows_again_when_the_server_has_more_capacity() -> None:
    async def extend() -> None:
        server = QueueingServer(capacity=6)
        load = load_of(server)
        await load.run(2_000)
        assert sum(load.limits) / len(load.limits) < load.maximum / 2

        server.slots = asyncio.Semaphore(1_000)
        await load.run(2_000)

        assert load.limits[-1] >= load.maximum

    run_simulated(extend())


def test_grows_again_soon_after_a_slow_server_was_busy_for_a_while() -> None:
    async def recover() -> None:
        server = QueueingServer(capacity=1_000, seconds=11.0)
        load = load_of(server)
        calls = asyncio.create_task(load.run(1_000))
        await asyncio.sleep(30)
        server.slots = asyncio.Semaphore(8)
        while load.limiter.limit > max(load.limits) / 2:
            await asyncio.sleep(1)

        server.slots = asyncio.Semaphore(1_000)
        # A round of these calls takes 13 s, and 8 rounds without growth would be over now.
        await asyncio.sleep(100)

        assert load.limiter.limit >= load.maximum
        await calls

    run_simulated(recover())
