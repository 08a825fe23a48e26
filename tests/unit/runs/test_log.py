"""A run's log is written once and followed by any number of readers, wherever they begin."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import Explanation
from core.runs.log import RunLog, StreamDelta, safe_headers
from core.runs.run import Attempt, Run, RunState


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def new_log(clock: Clock | None = None) -> RunLog:
    return RunLog(Run("chat", "chat.completions.create", {}), clock or Clock())


async def all_pieces(log: RunLog, after: int = 0) -> list[StreamDelta]:
    return [piece async for batch in log.follow(after) for piece in batch]


async def test_tells_every_reader_everything_whenever_they_come() -> None:
    log = new_log()
    early = asyncio.create_task(all_pieces(log))
    await asyncio.sleep(0)
    log.write("a")
    middle = asyncio.create_task(all_pieces(log))
    await asyncio.sleep(0)
    log.write("b")
    log.end(RunState.DONE)

    expected = [StreamDelta("text", "a"), StreamDelta("text", "b")]
    assert await early == await middle == await all_pieces(log) == expected


@given(st.lists(st.text(), max_size=8), st.integers(0, 10))
def test_goes_on_where_a_reader_was(texts: list[str], after: int) -> None:
    log = new_log()
    for text in texts:
        log.write(text)
    log.end(RunState.DONE)

    assert [piece.text for piece in asyncio.run(all_pieces(log, after))] == texts[after:]


async def test_hands_over_in_one_batch_what_came_between_two_frames() -> None:
    log = new_log()
    for text in "abc":
        log.write(text)

    batch = await anext(log.follow())

    assert [piece.text for piece in batch] == ["a", "b", "c"]


def test_times_the_first_token_from_the_sending() -> None:
    clock = Clock()
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


def test_tells_reasoning_from_text() -> None:
    log = new_log()
    log.write("hm", "think")
    log.write("yes")

    assert (log.text, log.reasoning) == ("yes", "hm")
    assert (log.snapshot().text, log.snapshot().reasoning) == ("yes", "hm")


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.RUNNING])
def test_keeps_what_had_arrived_however_it_ends(state: RunState) -> None:
    log = new_log()
    log.write("half")

    log.end(state, Explanation("it broke", "mend it"), finish_reason=None)

    run = log.snapshot()
    assert (run.state, run.text) == (state, "half")
    assert log.ended
    assert log.events[-1].data == "it broke"


def test_tells_followers_of_a_failed_attempt() -> None:
    log = new_log()

    log.record_retry(Attempt(1, "busy", 2.5, retry_after=True), of=3)

    assert log.snapshot().attempts == (Attempt(1, "busy", 2.5, retry_after=True),)
    assert log.deltas[0].kind == "retry"
    assert '"attempt": 2, "of": 3, "wait": 2.5' in log.deltas[0].text


def test_records_events_in_the_order_of_their_times() -> None:
    clock = Clock()
    log = new_log(clock)
    for kind in ("sent", "headers", "chunk"):
        clock.now += 0.5
        log.record(kind, "")

    assert [(event.kind, event.at) for event in log.events] == [
        ("sent", 0.5),
        ("headers", 1.0),
        ("chunk", 1.5),
    ]


def test_keeps_only_headers_that_teach_something() -> None:
    headers = {
        "X-Request-Id": "req_1",
        "x-ratelimit-remaining-tokens": "5",
        "Set-Cookie": "session=secret",
        "Authorization": "Bearer sk-secret",
        "cf-ray": "1",
    }

    assert safe_headers(headers) == {"x-request-id": "req_1", "x-ratelimit-remaining-tokens": "5"}


def test_tells_of_an_image_by_its_length_and_keeps_it_in_the_run() -> None:
    url = "data:image/png;base64," + "A" * 5_000
    params = {"messages": [{"content": [{"type": "image_url", "image_url": {"url": url}}]}]}
    log = RunLog(Run("vision", "chat.completions.create", {}))

    log.mark_sent(params)

    assert "AAAA" * 100 not in log.events[0].data
    assert "5,022 characters" in log.events[0].data
    assert log.snapshot().params == params
