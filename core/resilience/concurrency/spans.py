"""Requests as spans of time, in lanes that show how many were under way at once."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.runs.log import RunLog

if TYPE_CHECKING:
    from core.resilience.attempts import HttpAttempt


@dataclass(frozen=True, slots=True)
class Span:
    """One request, in seconds after the start of its strategy; *end* is None while it is under way."""

    start: float
    end: float | None
    status: str
    succeeded: bool
    lane: int = 0


def attempt_spans(attempts: "Iterable[HttpAttempt]") -> list[Span]:
    """Return the recorded requests as spans."""
    return [
        Span(
            attempt.started,
            attempt.ended,
            str(attempt.status or attempt.error or "under way"),
            attempt.succeeded,
        )
        for attempt in attempts
    ]


def log_spans(logs: Iterable[RunLog], clock: Callable[[], float]) -> list[Span]:
    """Return the attempts of runs as spans. *clock* gives the seconds since the start of the strategy."""
    return [span for log in logs for span in _spans_of(log, clock() - log.elapsed)]


def _spans_of(log: RunLog, sent_at: float) -> list[Span]:
    spans, start = [], 0.0
    for event in list(log.events):
        if event.kind == "retry":
            retry = json.loads(event.data)
            spans.append(Span(start, event.at, retry["reason"], succeeded=False))
            start = event.at + retry["wait"]
        elif event.kind in ("end", "error"):
            spans.append(Span(start, event.at, event.data, succeeded=event.kind == "end"))
    if not log.ended:
        spans.append(Span(start, None, "under way", succeeded=False))
    return [
        replace(span, start=span.start + sent_at, end=None if span.end is None else span.end + sent_at)
        for span in spans
    ]


def in_lanes(spans: Sequence[Span], now: float) -> list[Span]:
    """Put each span into the first lane that is free at its start."""
    free_at: list[float] = []
    placed = []
    for span in sorted(spans, key=lambda each: each.start):
        lane = next((number for number, time in enumerate(free_at) if time <= span.start), len(free_at))
        free_at[lane : lane + 1] = [now if span.end is None else span.end]
        placed.append(replace(span, lane=lane))
    return placed
