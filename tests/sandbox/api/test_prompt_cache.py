"""The prompt cache of the sandbox: which leading tokens of a prompt are cached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.api.prompt_tokens import PromptCache

MINIMUM = 1_024


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("tokens", "cached", "written"),
    [(1_023, 0, 0), (1_024, 1_024, 0), (1_151, 1_024, 0), (1_152, 1_152, 0), (2_000, 1_920, 0)],
)
def test_caches_from_1024_tokens_in_steps_of_128(tokens: int, cached: int, written: int) -> None:
    cache = PromptCache(Clock())
    ids = list(range(tokens))
    first = cache.lookup_and_store(ids, "owner", MINIMUM)
    assert first == (0, cached)
    assert cache.lookup_and_store(ids, "owner", MINIMUM) == (cached, written)


@given(st.integers(0, 3_000), st.integers(1_024, 3_000))
def test_caches_the_common_prefix_only(common: int, tokens: int) -> None:
    cache = PromptCache(Clock())
    cache.lookup_and_store(list(range(3_000)), "owner", MINIMUM)
    ids = [*range(min(common, tokens)), *([-1] * (tokens - min(common, tokens)))]
    cached, written = cache.lookup_and_store(ids, "owner", MINIMUM)
    steps = min(common, tokens) // 128 * 128
    assert cached == (steps if steps >= MINIMUM else 0)
    assert cached + written == tokens // 128 * 128


@pytest.mark.parametrize(("idle", "cached"), [(599, 1_024), (600, 0)])
def test_expires_after_ten_minutes_without_use(idle: float, cached: int) -> None:
    clock = Clock()
    cache = PromptCache(clock)
    ids = list(range(MINIMUM))
    cache.lookup_and_store(ids, "owner", MINIMUM)
    clock.now += 500
    cache.lookup_and_store(ids, "owner", MINIMUM)
    clock.now += idle
    assert cache.lookup_and_store(ids, "owner", MINIMUM)[0] == cached


def test_shares_nothing_between_owners_or_with_a_model_that_does_not_cache() -> None:
    cache = PromptCache(Clock())
    ids = list(range(MINIMUM))
    cache.lookup_and_store(ids, "owner", MINIMUM)
    assert cache.lookup_and_store(ids, "another", MINIMUM)[0] == 0
    assert cache.lookup_and_store(ids, "owner", None) == (0, 0)
