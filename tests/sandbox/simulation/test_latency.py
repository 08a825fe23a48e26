"""The pace of replies, and the settings that can change while the sandbox runs."""

import itertools
import time
from typing import Any

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox.server import SandboxServer
from core.sandbox.simulation import latency
from core.sandbox.simulation.latency import PRESETS, Latency, iterate_on_schedule
from tests.sandbox.client import ChatHelper

PACES = st.builds(Latency, st.floats(0, 60), st.floats(0.01, 10_000), st.floats(0, 1))


def paced(text: str) -> dict[str, Any]:
    return {"extra_headers": {"x-sandbox-pace": text}}


@given(chosen=PACES, seed=st.text(max_size=5))
def test_never_goes_back_in_time(chosen: Latency, seed: str) -> None:
    offsets = list(itertools.islice(chosen.token_times(seed), 50))
    assert offsets[0] == chosen.ttft
    assert offsets == sorted(offsets)


@given(chosen=PACES, seed=st.text(max_size=5))
def test_is_the_same_for_the_same_seed(chosen: Latency, seed: str) -> None:
    first, second = chosen.token_times(seed), chosen.token_times(seed)
    assert list(itertools.islice(first, 20)) == list(itertools.islice(second, 20))


def test_keeps_its_rate_whatever_the_jitter() -> None:
    last = next(itertools.islice(Latency(0.2, 100, 0.5).token_times("x"), 10_000, None))
    assert last == pytest.approx(100.2, rel=0.03)


@pytest.mark.parametrize("name", PRESETS)
def test_reads_a_preset_by_name(name: str) -> None:
    assert latency.format_latency(latency.parse_latency(name)) == name


def test_reads_numbers() -> None:
    assert latency.parse_latency("ttft=0.2, tps=100,jitter=0.3") == Latency(0.2, 100, 0.3)
    assert latency.parse_latency(latency.format_latency(Latency(0.25, 42, 0.1))) == Latency(0.25, 42, 0.1)


@pytest.mark.parametrize("text", ["", "warp", "tps=-1", "ttft=x", "tps=nan", "jitter=2", "ttft=1e9"])
def test_refuses_a_pace_that_makes_no_sense(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        latency.parse_latency(text)


class SteppingClock:
    """A clock that sleeping does not move, and reading moves by *step*."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


async def test_sends_together_what_is_due_together() -> None:
    steps = [(0.0, b"a"), (0.0, b"b"), (0.0, b"c")]
    assert [part async for part in iterate_on_schedule(steps, 0.0, SteppingClock(1.0))] == [b"abc"]


async def test_catches_up_after_a_late_wake_up() -> None:
    steps = [(number / 100, b"x") for number in range(100)]
    parts = [part async for part in iterate_on_schedule(steps, 0.0, SteppingClock(0.05))]
    assert b"".join(parts) == b"x" * 100
    assert len(parts) < 100


def test_takes_its_time_to_the_first_token_and_between_tokens(ask: ChatHelper) -> None:
    started = time.monotonic()
    ask("count to 5", **paced("ttft=0.2,tps=100"))
    assert time.monotonic() - started >= 0.2 + 13 / 100


def test_streams_at_the_same_pace(ask: ChatHelper) -> None:
    started = time.monotonic()
    ask.stream("count to 5", **paced("ttft=0.2,tps=100"))
    assert time.monotonic() - started >= 0.2 + 13 / 100


def test_refuses_an_unknown_pace_in_a_header(ask: ChatHelper) -> None:
    with pytest.raises(openai.BadRequestError, match="unknown pace 'warp'"):
        ask(**paced("warp"))


def test_shows_its_settings(http: httpx2.Client) -> None:
    assert http.get("/sandbox/controls").json() == {"pace": "instant", "faults": [], "seed": 0}


def test_changes_only_the_settings_given(http: httpx2.Client, server: SandboxServer) -> None:
    http.put("/sandbox/controls", json={"pace": "fast", "faults": ["429*2", "stall=3"]})
    changed = http.put("/sandbox/controls", json={"seed": 7}).json()
    assert changed == {"pace": "fast", "faults": ["429*2", "stall=3"], "seed": 7}
    assert server.settings.latency == PRESETS["fast"]


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"speed": 1}, "speed"),
        ({"pace": 5}, "pace"),
        ({"pace": "warp"}, "pace"),
        ({"faults": "429"}, "faults"),
        ({"faults": ["flood"]}, "faults"),
        ({"seed": "x"}, "seed"),
        ({"seed": True}, "seed"),
        ([], "body"),
    ],
    ids=str,
)
def test_refuses_settings_that_make_no_sense_and_changes_nothing(
    http: httpx2.Client, change: Any, param: str
) -> None:
    reply = http.put("/sandbox/controls", json=change)
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)
    assert http.get("/sandbox/controls").json() == {"pace": "instant", "faults": [], "seed": 0}


def test_lists_its_presets(http: httpx2.Client) -> None:
    listed = http.get("/sandbox/paces").json()["data"]
    assert [preset["name"] for preset in listed] == list(PRESETS)


def test_says_other_words_for_another_seed_of_the_server(ask: ChatHelper, server: SandboxServer) -> None:
    def greeting(seed: int) -> str:
        server.settings.update({"seed": seed})
        return ask.text("hello")

    assert len({greeting(seed) for seed in range(8)}) > 1
