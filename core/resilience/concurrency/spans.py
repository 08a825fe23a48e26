"""Requests as spans of time, in lanes that show how many were under way at once."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from core.runs.log import RunLog

if TYPE_CHECKING:
    from openai.types import Batch

    from core.resilience.attempts import HttpAttempt

Outcome = Literal["reply", "failed", "under way", "batch"]


@dataclass(frozen=True, slots=True)
class Span:
    """One request or one state of a batch, in seconds after the start of its strategy.

    *end* is None while it is under way.
    """

    start: float
    end: float | None
    status: str
    outcome: Outcome
    lane: int = 0


def attempt_spans(attempts: "Iterable[HttpAttempt]") -> list[Span]:
    """Return the recorded requests as spans."""
    return [
        Span(
            attempt.started,
            attempt.ended,
            str(attempt.status or attempt.error or "under way"),
            _outcome(attempt.ended, succeeded=attempt.succeeded),
        )
        for attempt in attempts
    ]


def _outcome(end: float | None, *, succeeded: bool) -> Outcome:
    return "under way" if end is None else "reply" if succeeded else "failed"


def log_spans(logs: Iterable[RunLog], clock: Callable[[], float]) -> list[Span]:
    """Return the attempts of runs as spans. *clock* gives the seconds since the start of the strategy."""
    return [span for log in logs for span in _spans_of(log, clock() - log.elapsed)]


def _spans_of(log: RunLog, sent_at: float) -> list[Span]:
    spans, start = [], 0.0
    for event in list(log.events):
        if event.kind == "retry":
            retry = json.loads(event.data)
            spans.append(Span(start, event.at, retry["reason"], "failed"))
            start = event.at + retry["wait"]
        elif event.kind in ("end", "error"):
            outcome = _outcome(event.at, succeeded=event.kind == "end")
            spans.append(Span(start, event.at, event.data, outcome))
    if not log.ended:
        spans.append(Span(start, None, "under way", "under way"))
    return [
        replace(span, start=span.start + sent_at, end=None if span.end is None else span.end + sent_at)
        for span in spans
    ]


@dataclass(slots=True, eq=False)
class BatchProgress:
    """The states of a batch, each with the time at which it was first seen, and its completed requests."""

    clock: Callable[[], float]
    states: list[tuple[float, str]] = field(default_factory=lambda: [(0.0, "upload")])
    completed: int = 0

    def record(self, batch: "Batch") -> None:
        """Record the state of *batch*; after it has ended, its results are downloaded."""
        has_ended = batch.status in ("completed", "failed", "expired", "cancelled")
        state = "download" if has_ended else batch.status.replace("_", " ")
        if state != self.states[-1][1]:
            self.states.append((self.clock(), state))
        if batch.request_counts:
            self.completed = batch.request_counts.completed

    def spans(self, ended: float | None) -> list[Span]:
        """Return the states as spans, each in a lane; the last one lasts until *ended*."""
        states = list(self.states)
        ends = [*(start for start, _ in states[1:]), ended]
        return [
            Span(start, end, state, "batch", lane)
            for lane, ((start, state), end) in enumerate(zip(states, ends, strict=True))
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
