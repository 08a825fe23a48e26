"""The times at which tokens are sent."""

import itertools
import time
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.simulation.latency import (
    PRESETS,
    Latency,
    format_latency,
    iterate_on_schedule,
    parse_latency,
)
from tests.sandbox.client import ChatHelper

LATENCIES = st.builds(Latency, st.floats(0, 60), st.floats(0.01, 10_000), st.floats(0, 1))


def latency_params(text: str) -> dict[str, Any]:
    return {"extra_headers": {"x-sandbox-latency": text}}


@given(latency=LATENCIES, seed=st.text(max_size=5))
def test_gives_times_in_ascending_order(latency: Latency, seed: str) -> None:
    times = list(itertools.islice(latency.token_times(seed), 50))
    assert times[0] == latency.ttft
    assert times == sorted(times)


@given(latency=LATENCIES, seed=st.text(max_size=5))
def test_gives_the_same_times_for_the_same_seed(latency: Latency, seed: str) -> None:
    first, second = latency.token_times(seed), latency.token_times(seed)
    assert list(itertools.islice(first, 20)) == list(itertools.islice(second, 20))


@pytest.mark.parametrize(("share", "ttft"), [(0, 0.5), (0.5, 0.3), (1, 0.1)])
def test_sends_the_first_token_of_a_cached_prompt_sooner(share: float, ttft: float) -> None:
    assert Latency(0.5, 60, 0.2).with_cached_share(share).ttft == pytest.approx(ttft)


def test_answers_a_cached_prompt_sooner(chat: ChatHelper) -> None:
    params = latency_params("ttft=1.0")
    question = "What is in this text? " + "The harbour opens at seven. " * 400
    seconds = []
    for _ in range(2):
        started = time.monotonic()
        usage = chat(question, **params).usage
        seconds.append(time.monotonic() - started)
    assert usage
    assert usage.prompt_tokens_details
    assert usage.prompt_tokens_details.cached_tokens
    assert seconds[0] >= 1.0
    assert seconds[1] < seconds[0]


def test_has_the_same_average_rate_with_jitter() -> None:
    last = next(itertools.islice(Latency(0.2, 100, 0.5).token_times("x"), 10_000, None))
    assert last == pytest.approx(100.2, rel=0.03)


@pytest.mark.parametrize("name", PRESETS)
def test_parses_the_name_of_a_preset(name: str) -> None:
    assert format_latency(parse_latency(name)) == name


def test_parses_values() -> None:
    assert parse_latency("ttft=0.2, tps=100,jitter=0.3") == Latency(0.2, 100, 0.3)
    assert parse_latency(format_latency(Latency(0.25, 42, 0.1))) == Latency(0.25, 42, 0.1)


@pytest.mark.parametrize("text", ["", "warp", "tps=-1", "ttft=x", "tps=nan", "jitter=2", "ttft=1e9"])
def test_rejects_an_invalid_latency(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_latency(text)


class SteppingClock:
    """A clock that moves by *step* with every reading, and not by sleeping."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def test_joins_parts_that_are_due_at_the_same_time() -> None:
    parts = [(0.0, b"a"), (0.0, b"b"), (0.0, b"c")]
    assert [part async for part in iterate_on_schedule(parts, 0.0, SteppingClock(1.0))] == [b"abc"]


async def test_joins_parts_that_are_overdue() -> None:
    parts = [(number / 100, b"x") for number in range(100)]
    joined = [part async for part in iterate_on_schedule(parts, 0.0, SteppingClock(0.05))]
    assert b"".join(joined) == b"x" * 100
    assert len(joined) < 100


def test_delays_a_response_until_the_time_of_its_last_token(chat: ChatHelper) -> None:
    started = time.monotonic()
    chat("count to 5", **latency_params("ttft=0.2,tps=100"))
    assert time.monotonic() - started >= 0.2 + 13 / 100


def test_streams_tokens_at_their_times(chat: ChatHelper) -> None:
    started = time.monotonic()
    chat.stream("count to 5", **latency_params("ttft=0.2,tps=100"))
    assert time.monotonic() - started >= 0.2 + 13 / 100


def test_rejects_an_unknown_latency_in_the_header(chat: ChatHelper) -> None:
    with pytest.raises(openai.BadRequestError, match="unknown latency 'warp'"):
        chat(**latency_params("warp"))
