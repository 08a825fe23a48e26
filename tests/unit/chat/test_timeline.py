"""The times at which the chunks of a reply arrived."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.chat.timeline import (
    EventRow,
    arrival_times,
    cumulative_counts,
    event_rows,
    first_token_time,
    longest_gap,
)
from core.runs.run import Event

TIMES = st.lists(st.floats(0, 600), max_size=60).map(sorted)


def chunk(at: float, **delta: object) -> Event:
    return Event(at, "chunk", json.dumps({"choices": [{"index": 0, "delta": delta}]}))


def test_finds_the_first_chunk_with_text() -> None:
    events = [
        Event(0.0, "sent", "{}"),
        chunk(0.1, role="assistant", content=""),
        chunk(0.2, reasoning_content="Hm."),
        chunk(0.3, content="He"),
        chunk(0.4, content="llo"),
    ]

    assert first_token_time(events) == 0.3


def test_puts_what_each_event_adds_into_columns() -> None:
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = '{"choices": [], "usage": {"prompt_tokens": 3}}'
    call = {"index": 0, "function": {"arguments": '{"city": '}}
    events = [
        Event(0.0, "sent", "{}"),
        chunk(0.25, role="assistant"),
        chunk(0.5, content="Hello\nworld"),
        chunk(0.5, reasoning_content="Hm."),
        chunk(0.75, content=None, tool_calls=[call]),
        Event(1.0, "chunk", json.dumps(last)),
        Event(1.0, "chunk", usage),
        Event(1.5, "done", "[DONE]"),
    ]

    assert event_rows(events) == [
        EventRow(0.0, 0.0, "sent", "{}"),
        EventRow(0.25, 0.25, "chunk", '{"role": "assistant"}'),
        EventRow(0.5, 0.25, "chunk", "Hello\\nworld", characters=11),
        EventRow(0.5, 0.0, "chunk", "Hm."),
        EventRow(0.75, 0.25, "chunk", '{"city": '),
        EventRow(1.0, 0.25, "chunk", "", "stop"),
        EventRow(1.0, 0.0, "chunk", usage),
        EventRow(1.5, 0.5, "done", "[DONE]"),
    ]


def test_names_the_events_of_the_responses_api() -> None:
    def response(at: float, name: str, **fields: object) -> Event:
        return Event(at, "chunk", json.dumps({"type": f"response.{name}", "sequence_number": 1, **fields}))

    events = [
        response(0.25, "created", response={"status": "in_progress"}),
        response(0.5, "reasoning_summary_text.delta", delta="Hm."),
        response(1.0, "output_text.delta", delta="Hi 😀"),
        response(1.5, "completed", response={"status": "completed"}),
    ]

    assert event_rows(events) == [
        EventRow(0.25, 0.25, "response.created", '{"status": "in_progress"}'),
        EventRow(0.5, 0.25, "response.reasoning_summary_text.delta", "Hm."),
        EventRow(1.0, 0.5, "response.output_text.delta", "Hi 😀", characters=5),
        EventRow(1.5, 0.5, "response.completed", '{"status": "completed"}', "completed"),
    ]
    assert first_token_time(events) == 1.0


@given(st.text(max_size=400))
def test_shows_the_data_of_a_chunk_that_is_not_json(text: str) -> None:
    [row] = event_rows([Event(0.1, "chunk", text)])

    assert "\n" not in row.delta
    assert len(row.delta) <= 400
    row.delta.encode()


@pytest.mark.parametrize(
    "data", ["", "not json", "[" * 100_000, "[]", '{"choices": []}', '{"error": {"message": "no"}}']
)
def test_finds_no_first_token_in_a_chunk_without_text(data: str) -> None:
    assert first_token_time([Event(0.1, "chunk", data)]) is None


def test_finds_the_longest_gap_between_chunks_only() -> None:
    events = [Event(0.0, "sent", "{}"), chunk(1.0), chunk(1.1), chunk(1.4), chunk(1.5), Event(9.0, "end", "")]

    assert longest_gap(events) == (1.1, 1.4)


@pytest.mark.parametrize("events", [[], [chunk(1.0)]], ids=["no events", "one chunk"])
def test_finds_no_gap_with_fewer_than_two_chunks(events: list[Event]) -> None:
    assert longest_gap(events) is None


@given(TIMES)
def test_finds_a_gap_that_no_other_exceeds(times: list[float]) -> None:
    start, end = longest_gap([chunk(at) for at in times]) or (0.0, 0.0)

    assert all(after - before <= end - start for before, after in pairwise(times))


@given(TIMES, st.integers(2, 20))
def test_keeps_the_first_and_last_count_when_it_samples(times: list[float], limit: int) -> None:
    points = cumulative_counts(arrival_times([chunk(at) for at in times]), limit)

    assert len(points) == min(len(times), limit)
    assert points[:1] == [(at, 1) for at in times[:1]]
    assert points[-1:] == [(at, len(times)) for at in times[-1:]]
    assert all(times[count - 1] == at for at, count in points)
