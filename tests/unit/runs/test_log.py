"""The log of a run is written once and read by any number of followers, from any position."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import Explanation
from core.runs.log import RunLog, StreamDelta, safe_headers
from core.runs.run import Attempt, Run, RunState
from tests.unit.runs.conftest import FakeClock


def new_log(clock: FakeClock | None = None) -> RunLog:
    return RunLog(Run("chat", "chat.completions.create", {}), clock or FakeClock())


async def all_deltas(log: RunLog, after: int = 0) -> list[StreamDelta]:
    return [delta async for batch in log.follow(after) for delta in batch]


async def test_yields_all_deltas_to_every_follower() -> None:
    log = new_log()
    early = asyncio.create_task(all_deltas(log))
    await asyncio.sleep(0)
    log.write("a")
    middle = asyncio.create_task(all_deltas(log))
    await asyncio.sleep(0)
    log.write("b")
    log.end(RunState.DONE)

    expected = [StreamDelta("text", "a"), StreamDelta("text", "b")]
    assert await early == await middle == await all_deltas(log) == expected


@given(st.lists(st.text(), max_size=8), st.integers(0, 10))
def test_resumes_after_a_number_of_deltas(texts: list[str], after: int) -> None:
    log = new_log()
    for text in texts:
        log.write(text)
    log.end(RunState.DONE)

    assert [delta.text for delta in asyncio.run(all_deltas(log, after))] == texts[after:]


async def test_yields_waiting_deltas_in_one_batch() -> None:
    log = new_log()
    for text in "abc":
        log.write(text)

    batch = await anext(log.follow())

    assert [delta.text for delta in batch] == ["a", "b", "c"]


def test_measures_times_from_sending() -> None:
    clock = FakeClock()
    log = new_log(clock)
    clock.now += 5
    log.mark_sent({"model": "m"})
    clock.now += 0.25
    log.write("a")
    clock.now += 1
    log.write("b")
    log.end(RunState.DONE)

    run = log.snapshot()
    assert (run.first_token, run.total) == (0.25, 1.25)
    assert run.params == {"model": "m"}


def test_separates_reasoning_from_text() -> None:
    log = new_log()
    log.write("hm", "reasoning")
    log.write("yes")

    assert (log.text, log.reasoning) == ("yes", "hm")
    assert (log.snapshot().text, log.snapshot().reasoning) == ("yes", "hm")


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.RUNNING])
def test_keeps_the_text_in_every_end_state(state: RunState) -> None:
    log = new_log()
    log.write("half")

    log.end(state, Explanation("It failed", "Retry"), finish_reason=None)

    run = log.snapshot()
    assert (run.state, run.text) == (state, "half")
    assert log.ended
    assert log.events[-1].data == "It failed"


def test_yields_retries_to_followers() -> None:
    log = new_log()

    log.record_retry(Attempt(1, "busy", 2.5, retry_after=True), max_attempts=3)

    assert log.snapshot().attempts == (Attempt(1, "busy", 2.5, retry_after=True),)
    assert log.deltas[0].kind == "retry"
    assert '"attempt": 2, "max_attempts": 3, "wait": 2.5' in log.deltas[0].text


def test_records_the_time_of_every_event() -> None:
    clock = FakeClock()
    log = new_log(clock)
    for kind in ("sent", "headers", "chunk"):
        clock.now += 0.5
        log.record(kind, "")

    assert [(event.kind, event.at) for event in log.events] == [
        ("sent", 0.5),
        ("headers", 1.0),
        ("chunk", 1.5),
    ]


def test_keeps_only_headers_that_are_useful_and_not_secret() -> None:
    headers = {
        "X-Request-Id": "req_1",
        "x-ratelimit-remaining-tokens": "5",
        "Set-Cookie": "session=secret",
        "Authorization": "Bearer sk-secret",
        "cf-ray": "1",
    }

    assert safe_headers(headers) == {"x-request-id": "req_1", "x-ratelimit-remaining-tokens": "5"}


def test_shortens_an_image_in_the_event_but_not_in_the_run() -> None:
    url = "data:image/png;base64," + "A" * 5_000
    params = {"messages": [{"content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    log = RunLog(Run("vision", "chat.completions.create", {}))

    log.mark_sent(params)

    assert "AAAA" * 100 not in log.events[0].data
    assert "5,022 characters" in log.events[0].data
    assert log.snapshot().params == params
