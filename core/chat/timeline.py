"""When the chunks of a streamed reply arrived, the first token, gaps without chunks, and what each added."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from core.completions.stream_parser import REASONING_FIELDS
from core.json_values import JsonObject, json_object, json_objects, parse_json, storable_text
from core.runs.run import Event

Gap = tuple[float, float]

_MAX_DELTA = 200
_REPLY_FIELDS = ("content", "refusal")
_TEXT_FIELDS = ("content", *REASONING_FIELDS, "refusal")
_REPLY_EVENTS = ("response.output_text.delta", "response.refusal.delta")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event in columns: *gap* is the time since the event before, *delta* what the event adds.

    The delta of an event that is no chunk is its data. Line ends are written as \\n. *characters* is the
    length of what it adds to the reply on the page, in UTF-16 code units, which is how a browser counts.
    """

    at: float
    gap: float
    kind: str
    delta: str
    finish_reason: str = ""
    characters: int = 0


@dataclass(frozen=True, slots=True)
class _ChunkColumns:
    delta: str
    finish_reason: str = ""
    text: str = ""
    kind: str = "chunk"


def event_rows(events: Iterable[Event], previous: float = 0.0) -> list[EventRow]:
    """Return a row for each of *events*, fast enough for tens of thousands.

    *previous* is the time of the event before the first.
    """
    rows = []
    for event in events:
        columns = (
            _chunk_columns(event.data)
            if event.kind == "chunk"
            else _ChunkColumns(event.data, kind=event.kind)
        )
        delta = storable_text(columns.delta[:_MAX_DELTA]).replace("\r", "\\r").replace("\n", "\\n")
        characters = len(columns.text.encode("utf-16-le", "surrogatepass")) // 2
        gap = event.at - previous
        rows.append(EventRow(event.at, gap, columns.kind, delta, columns.finish_reason, characters))
        previous = event.at
    return rows


def _chunk_columns(data: str) -> _ChunkColumns:
    """Return what a chunk adds to the first choice or to the response; its data if that is nothing."""
    try:
        chunk = json_object(parse_json(data))
    except ValueError:
        return _ChunkColumns(data)
    if str(chunk.get("type", "")).startswith("response."):
        return _response_columns(chunk)
    choices = json_objects(chunk.get("choices"))
    if not choices:
        return _ChunkColumns(data)
    delta, finish_reason = json_object(choices[0].get("delta")), choices[0].get("finish_reason")
    calls = [json_object(call.get("function")) for call in json_objects(delta.get("tool_calls"))]
    texts = {name: delta.get(name) for name in _TEXT_FIELDS}
    added = [text for text in (*texts.values(), *(call.get("arguments") for call in calls)) if text]
    shown = next((text for text in added if isinstance(text, str)), None)
    if shown is None:
        shown = json.dumps(delta, ensure_ascii=False) if delta else ""
    reply = [text for name in _REPLY_FIELDS if isinstance(text := texts[name], str)]
    return _ChunkColumns(shown, finish_reason if isinstance(finish_reason, str) else "", "".join(reply))


def _response_columns(event: JsonObject) -> _ChunkColumns:
    """Return the columns of an event of the Responses API, by its own name."""
    kind, delta = str(event["type"]), event.get("delta")
    if isinstance(delta, str):
        return _ChunkColumns(delta, text=delta if kind in _REPLY_EVENTS else "", kind=kind)
    response = json_object(event.get("response"))
    rest = {name: value for name, value in event.items() if name not in ("type", "sequence_number")}
    status = response.get("status")
    return _ChunkColumns(
        json.dumps(response or rest, ensure_ascii=False),
        status if isinstance(status, str) and status not in ("queued", "in_progress") else "",
        kind=kind,
    )


def arrival_times(events: Iterable[Event]) -> list[float]:
    """Return when each chunk arrived, in seconds after the request was sent."""
    return [event.at for event in events if event.kind == "chunk"]


def first_token_time(events: Iterable[Event]) -> float | None:
    """Return when the first chunk with text arrived; the chunk before it contains only the role."""
    chunks = (event for event in events if event.kind == "chunk")
    return next((event.at for event in chunks if _chunk_columns(event.data).text), None)


def longest_gap(events: Iterable[Event]) -> Gap | None:
    """Return the arrival times before and after the longest gap; None for fewer than two chunks."""
    return max(pairwise(arrival_times(events)), key=lambda gap: gap[1] - gap[0], default=None)


def cumulative_counts(times: Sequence[float], max_points: int = 400) -> list[tuple[float, int]]:
    """Return the number of chunks received by each time, sampled to *max_points* with the first and last."""
    last = len(times) - 1
    points = min(len(times), max_points)
    steps = {round(last * number / max(points - 1, 1)) for number in range(points)}
    return [(times[step], step + 1) for step in sorted(steps)]
