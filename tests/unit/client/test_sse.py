"""Server-sent events are decoded by the WHATWG rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.client.sse import ServerSentEvent, SSEDecoder

lines_of_text = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


def decode(*lines: str) -> list[ServerSentEvent]:
    """Return the events that *lines* complete."""
    decoder = SSEDecoder()
    return [event for line in lines for event in decoder.feed(line)]


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
        "only one blank is removed",
        "two lines",
        "named",
        "colons in the data",
        "other fields",
        "no data",
        "blank lines around",
        "a bare field",
        "empty data is yielded",
        "incomplete",
    ],
)
def test_decodes(lines: list[str], expected: list[ServerSentEvent]) -> None:
    assert decode(*lines) == expected


@given(st.lists(st.lists(lines_of_text, min_size=1), max_size=5))
def test_decodes_any_text_to_itself(events: list[list[str]]) -> None:
    lines = [line for event in events for line in (*(f"data: {part}" for part in event), "")]

    assert [event.data for event in decode(*lines)] == ["\n".join(event) for event in events]


def test_skips_comments() -> None:
    assert decode(": OPENROUTER PROCESSING", "data: x", "") == decode("data: x", "")


def test_reports_data_of_an_incomplete_event() -> None:
    decoder = SSEDecoder()
    assert not decoder.has_pending_data

    list(decoder.feed("data: a"))
    assert decoder.has_pending_data

    assert list(decoder.close()) == [ServerSentEvent("a")]
    assert not decoder.has_pending_data
