"""A refusal pauses the runners of all processes."""

from collections.abc import Callable

import pytest

from core.errors.response import ErrorResponse
from core.runner.limiter import AdaptiveLimiter
from core.runner.shared_pause import SharedPause
from core.storage.store import Store
from tests.unit.runner.simulation import run_simulated

URL = "http://127.0.0.1:1/v1"


def test_pauses_every_process_as_long_as_the_server_asks_for(open_store: Callable[[], Store]) -> None:
    one, other = (SharedPause(open_store(), URL, "m") for _ in range(2))
    assert other.exchange(0) == 0

    assert one.exchange(60) == 60

    assert 50 < other.exchange(0) <= 60
    assert 50 < other.exchange(10) <= 60
    assert other.exchange(100) == 100
    assert 90 < one.exchange(0) <= 100


def test_pauses_no_other_model_and_no_other_server(store: Store) -> None:
    SharedPause(store, URL, "m").exchange(60)

    assert SharedPause(store, URL, "m2").exchange(0) == 0
    assert SharedPause(store, "https://api.openai.com/v1", "m").exchange(0) == 0


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
