"""Server-sent events are read by the rules of WHATWG, however the lines come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.client.sse import ServerSentEvent, SSEDecoder

lines_of_text = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


def read(*lines: str) -> list[ServerSentEvent]:
    """The events that *lines* close."""
    reader = SSEDecoder()
    return [event for line in lines for event in reader.feed(line)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["data: a", ""], [ServerSentEvent("a")]),
        (["data:a", ""], [ServerSentEvent("a")]),
        (["data:  a", ""], [ServerSentEvent(" a")]),
        (["data: a", "data: b", ""], [ServerSentEvent("a\nb")]),
        (["event: error", "data: a", ""], [ServerSentEvent("a", "error")]),
        (["data: a:b: c", ""], [ServerSentEvent("a:b: c")]),
        (["id: 7", "retry: 100", "unknown: x", "data: a", ""], [ServerSentEvent("a")]),
        (["event: ping", ""], []),
        (["", "", "data: a", "", ""], [ServerSentEvent("a")]),
        (["data", ""], [ServerSentEvent("")]),
        (["data:", ""], [ServerSentEvent("")]),
        (["data: a"], []),
    ],
    ids=[
        "plain",
        "no blank",
        "one blank is dropped",
        "two lines",
        "named",
        "colons in the data",
        "other fields",
        "no data",
        "blank lines around",
        "a bare field",
        "empty data is told",
        "still open",
    ],
)
def test_reads(lines: list[str], expected: list[ServerSentEvent]) -> None:
    assert read(*lines) == expected


@given(st.lists(st.lists(lines_of_text, min_size=1), max_size=5))
def test_reads_back_whatever_is_sent(events: list[list[str]]) -> None:
    lines = [line for event in events for line in (*(f"data: {part}" for part in event), "")]

    assert [event.data for event in read(*lines)] == ["\n".join(event) for event in events]


def test_skips_comments() -> None:
    assert read(": OPENROUTER PROCESSING", "data: x", "") == read("data: x", "")


def test_knows_that_an_event_is_half_open() -> None:
    reader = SSEDecoder()
    assert not reader.has_pending_data

    list(reader.feed("data: a"))
    assert reader.has_pending_data

    assert list(reader.close()) == [ServerSentEvent("a")]
    assert not reader.has_pending_data
