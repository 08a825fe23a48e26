"""The runners of all processes stay within the rate limits of a model together."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from core.completions.call import ChatCompletionCall
from core.errors.response import ErrorResponse
from core.runner.limiter import AdaptiveLimiter
from core.runner.repository import JobRepository
from core.runner.shared_limits import SharedLimits
from core.runner.work import Claim, WorkItem, WorkJob
from core.runs.run import Run
from core.sandbox.simulation.rate_limits import RateLimits
from core.storage.leases import lease_holder
from core.storage.schema import runs
from core.storage.store import Store
from tests.unit.runner.simulation import Load, RateLimitedServer, run_simulated

URL = "http://127.0.0.1:1/v1"


def test_pauses_every_process_as_long_as_the_server_asks_for(open_store: Callable[[], Store]) -> None:
    one, other = (SharedLimits(open_store(), URL, "m") for _ in range(2))
    assert other.exchange_pause(0) == 0

    assert one.exchange_pause(60) == 60

    assert 50 < other.exchange_pause(0) <= 60
    assert 50 < other.exchange_pause(10) <= 60
    assert other.exchange_pause(100) == 100
    assert 90 < one.exchange_pause(0) <= 100


def test_pauses_no_other_model_and_no_other_server(store: Store) -> None:
    SharedLimits(store, URL, "m").exchange_pause(60)

    assert SharedLimits(store, URL, "m2").exchange_pause(0) == 0
    assert SharedLimits(store, "https://api.openai.com/v1", "m").exchange_pause(0) == 0


def test_publishes_only_the_pauses_after_its_own_refusals() -> None:
    async def pauses() -> tuple[float, float, int]:
        limiter = AdaptiveLimiter()
        limiter.pause(30)
        from_others, free = limiter.refusal_pause, limiter.free
        await limiter.request()
        limiter.failed(limiter.start(), ErrorResponse(status=429, headers={"retry-after": "60"}))
        return from_others, limiter.refusal_pause, free

    from_others, own, free = run_simulated(pauses())

    assert (from_others, free) == (0, 0)
    assert own == pytest.approx(60, abs=0.1)


def call_from(store: Store, model: str, holder: str, seconds: float) -> None:
    """Save a call under way of the process *holder*, whose lease lasts *seconds*."""
    run = Run("compare", ChatCompletionCall.endpoint, {})
    job = WorkJob("compare", "test", URL, model)
    queue = JobRepository(store, "local").create(job, [WorkItem("a")])
    queue.claim(1, lambda item: Claim(item, run, ChatCompletionCall()))
    values = {"holder": holder, "alive_until": datetime.now(UTC) + timedelta(seconds=seconds)}
    store.write(lambda c: c.execute(update(runs).where(runs.c.id == run.id).values(values)))


def test_counts_the_processes_that_call_a_model(store: Store) -> None:
    limits = SharedLimits(store, URL, "m")
    assert limits.processes() == 1

    call_from(store, "m", lease_holder(), 60)
    for holder in ("host/1/a", "host/1/a", "host/2/b"):
        call_from(store, "m", holder, 60)
    call_from(store, "m", "host/3/killed", -1)
    call_from(store, "m2", "host/4/c", 60)

    assert limits.processes() == 3


@pytest.mark.parametrize("processes", [2, 4])
@pytest.mark.parametrize("per_minute", [60, 600])
def test_divides_the_rate_limit_of_a_server_by_the_processes(processes: int, per_minute: int) -> None:
    async def loads() -> tuple[float, int]:
        server = RateLimitedServer(RateLimits(requests=per_minute))
        loads = [Load(AdaptiveLimiter(), server, maximum=50) for _ in range(processes)]
        for load in loads:
            load.limiter.share(processes)
        seconds = await asyncio.gather(*(load.run(2 * per_minute // processes) for load in loads))
        return max(seconds), sum(len(load.refusals) for load in loads)

    seconds, refusals = run_simulated(loads())

    # The first half is there at the beginning, the second one is refilled in a minute.
    assert seconds < 70
    assert refusals < 6
