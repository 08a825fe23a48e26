"""When the chunks of a streamed reply arrived: the first token, and gaps without chunks."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise

from core.chat.stream_parser import CompletionAccumulator
from core.errors.types import StreamError
from core.runs.run import Event

Gap = tuple[float, float]


def arrival_times(events: Iterable[Event]) -> list[float]:
    """Return when each chunk arrived, in seconds after the request was sent."""
    return [event.at for event in events if event.kind == "chunk"]


def first_token_time(events: Iterable[Event]) -> float | None:
    """Return when the first chunk with text arrived; the chunk before it contains only the role."""
    chunks = (event for event in events if event.kind == "chunk")
    return next((event.at for event in chunks if _has_text(event.data)), None)


def longest_gap(events: Iterable[Event]) -> Gap | None:
    """Return the arrival times before and after the longest gap; None for fewer than two chunks."""
    return max(pairwise(arrival_times(events)), key=lambda gap: gap[1] - gap[0], default=None)


def cumulative_counts(times: Sequence[float], max_points: int = 400) -> list[tuple[float, int]]:
    """Return the number of chunks received by each time, sampled to *max_points* with the first and last."""
    last = len(times) - 1
    points = min(len(times), max_points)
    steps = {round(last * number / max(points - 1, 1)) for number in range(points)}
    return [(times[step], step + 1) for step in sorted(steps)]


def _has_text(data: str) -> bool:
    try:
        return any(piece.kind == "text" for piece in CompletionAccumulator().feed(json.loads(data)))
    except (ValueError, RecursionError, StreamError):
        return False
