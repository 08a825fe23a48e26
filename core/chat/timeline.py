"""When the chunks of a streamed reply arrived, the first token, gaps without chunks, and what each added."""

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from core.completions.stream_parser import REASONING_FIELDS, CompletionAccumulator
from core.errors.types import StreamError
from core.json_values import json_object, json_objects, parse_json, storable_text
from core.runs.run import Event

Gap = tuple[float, float]

_MAX_DELTA = 200
_TEXT_FIELDS = ("content", *REASONING_FIELDS, "refusal")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in columns: *gap* is the time since the event before, *delta* what the event adds.

    The delta of an event that is no chunk is its data. Line ends are written as \\n.
    """

    at: float
    gap: float
    kind: str
    delta: str
    finish_reason: str = ""


def event_rows(events: Iterable[Event]) -> list[EventRow]:
    """Return a row for each of *events*, fast enough for tens of thousands."""
    rows, previous = [], 0.0
    for event in events:
        delta, finish_reason = _chunk_columns(event.data) if event.kind == "chunk" else (event.data, "")
        delta = storable_text(delta[:_MAX_DELTA]).replace("\r", "\\r").replace("\n", "\\n")
        rows.append(EventRow(event.at, event.at - previous, event.kind, delta, finish_reason))
        previous = event.at
    return rows


def _chunk_columns(data: str) -> tuple[str, str]:
    """Return what a chunk adds to the first choice, and its finish reason; its data if it has no choice."""
    try:
        chunk = json_object(parse_json(data))
    except ValueError:
        return data, ""
    choices = json_objects(chunk.get("choices"))
    if not choices:
        return data, ""
    delta, finish_reason = json_object(choices[0].get("delta")), choices[0].get("finish_reason")
    calls = [json_object(call.get("function")) for call in json_objects(delta.get("tool_calls"))]
    texts = [delta.get(name) for name in _TEXT_FIELDS] + [call.get("arguments") for call in calls]
    text = next((text for text in texts if isinstance(text, str) and text), None)
    if text is None:
        text = json.dumps(delta, ensure_ascii=False) if delta else ""
    return text, finish_reason if isinstance(finish_reason, str) else ""


def arrival_times(events: Iterable[Event]) -> list[float]:
    """Return when each chunk arrived, in seconds after the request was sent."""
    return [event.at for event in events if event.kind == "chunk"]


def first_token_time(events: Iterable[Event]) -> float | None:
    """Return when the first chunk with text arrived; the chunk before it contains only the role."""
    for event in events:
        if event.kind == "chunk":
            with suppress(ValueError, RecursionError, StreamError):
                deltas = CompletionAccumulator().feed(json.loads(event.data))
                if any(delta.kind == "text" for delta in deltas):
                    return event.at
    return None


def longest_gap(events: Iterable[Event]) -> Gap | None:
    """Return the arrival times before and after the longest gap; None for fewer than two chunks."""
    return max(pairwise(arrival_times(events)), key=lambda gap: gap[1] - gap[0], default=None)


def cumulative_counts(times: Sequence[float], max_points: int = 400) -> list[tuple[float, int]]:
    """Return the number of chunks received by each time, sampled to *max_points* with the first and last."""
    last = len(times) - 1
    points = min(len(times), max_points)
    steps = {round(last * number / max(points - 1, 1)) for number in range(points)}
    return [(times[step], step + 1) for step in sorted(steps)]
