"""The number of calls at once follows the throughput: simulated servers that queue what is too much."""

import heapq
from dataclasses import dataclass
from random import Random

import pytest

from core.runner.limiter import AdaptiveLimiter


@dataclass
class Server:
    """Computes *capacity* replies at once, of random lengths, and queues the others."""

    capacity: int
    seconds: float = 1.0

    def __post_init__(self) -> None:
        self._random = Random(7)
        self.free_at = [0.0] * self.capacity

    def ends_at(self, now: float) -> float:
        begin = max(now, heapq.heappop(self.free_at))
        end = begin + self.seconds * self._random.uniform(0.5, 1.5)
        heapq.heappush(self.free_at, end)
        return end


@dataclass
class Simulation:
    """Makes as many calls at once as *limiter* allows, up to *maximum*, in simulated time."""

    limiter: AdaptiveLimiter
    server: Server
    maximum: int = 50
    now: float = 0.0

    def __post_init__(self) -> None:
        self._running: list[tuple[float, float, int]] = []

    async def run(self, calls: int) -> list[int]:
        """Return the limit after each of *calls* calls."""
        return [await self._next_end() for _ in range(calls)]

    async def _next_end(self) -> int:
        limiter = self.limiter
        if slots := min(limiter.free, self.maximum - limiter.in_flight):
            for _ in range(await limiter.request(slots)):
                heapq.heappush(self._running, (self.server.ends_at(self.now), self.now, limiter.in_flight))
        self.now, started, in_flight = heapq.heappop(self._running)
        limiter.succeeded({}, self.now - started, in_flight)
        limiter.release()
        return limiter.limit


async def test_grows_to_its_maximum_while_throughput_grows() -> None:
    simulation = Simulation(AdaptiveLimiter(), Server(capacity=1_000))

    assert max(await simulation.run(1_000)) >= simulation.maximum


@pytest.mark.parametrize("capacity", [4, 10, 20])
async def test_stops_growing_where_calls_only_wait_for_each_other(capacity: int) -> None:
    simulation = Simulation(AdaptiveLimiter(), Server(capacity))
    await simulation.run(500)
    start = simulation.now

    limits = await simulation.run(3_000)

    # Now and then it tries more, so this is the average.
    assert sum(limits) / len(limits) <= capacity * 3
    # The server is as busy as with any number of calls.
    assert 3_000 / (simulation.now - start) >= 0.9 * capacity


async def test_gives_way_when_the_server_becomes_slower() -> None:
    simulation = Simulation(AdaptiveLimiter(initial=20), Server(capacity=1_000), maximum=20)
    await simulation.run(200)
    limit = simulation.limiter.limit

    simulation.server.seconds = 4.0
    limits = await simulation.run(200)

    assert min(limits) < limit


async def test_grows_again_when_the_server_has_more_capacity() -> None:
    simulation = Simulation(AdaptiveLimiter(), Server(capacity=6))
    limits = await simulation.run(2_000)
    assert sum(limits) / len(limits) < simulation.maximum / 2

    simulation.server = Server(capacity=1_000)
    simulation.server.free_at = [simulation.now] * 1_000
    limits = await simulation.run(2_000)

    assert limits[-1] >= simulation.maximum
