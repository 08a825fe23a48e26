"""Recorded HTTP requests as the one run object that History, the metrics and the inspector read."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.calls import CallService, cost_of_run, new_run
from core.client.sse import SSEDecoder
from core.pricing.usage import Usage
from core.runs.run import Attempt, Event, EventKind, Run

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.resilience.attempts import HttpAttempt

CAPABILITY = "resilience"


def recorded_run(
    requests: "Sequence[HttpAttempt]", params: dict[str, Any], profile: "Profile", started_at: datetime
) -> Run:
    """Return the run of *params* that *requests* have made: all but the last are its failed attempts.

    The caller sets how it ended: its state, text, error and total.
    """
    run = replace(new_run(CAPABILITY, "chat.completions.create", params, profile), started_at=started_at)
    if not requests:
        return run
    last = requests[-1]
    return replace(
        run,
        attempts=tuple(_attempt(number, *pair) for number, pair in enumerate(pairwise(requests), 1)),
        status=last.status,
        headers=last.headers,
        request_id=last.headers.get("x-request-id"),
        usage=Usage.of(last.completion.get("usage")),
    )


def _attempt(number: int, failed: "HttpAttempt", following: "HttpAttempt") -> Attempt:
    reason = failed.error or (failed.problem.message if failed.problem else "") or str(failed.status)
    ended = following.started if failed.ended is None else failed.ended
    return Attempt(number, reason, max(0.0, following.started - ended), failed.retry_after is not None)


def recorded_events(run: Run, requests: "Sequence[HttpAttempt]", start: float = 0.0) -> list[Event]:
    """Return the events of *run*, which has ended with *requests*, in seconds after *start*."""
    events: list[Event] = []

    def add(at: float, kind: EventKind, data: str) -> None:
        events.append(Event(round(at - start, 6), kind, data))

    for number, request in enumerate(requests):
        if number:
            failed = run.attempts[number - 1]
            retry = {"attempt": number + 1, "wait": failed.wait, "reason": failed.reason}
            add(request.started - failed.wait, "retry", json.dumps(retry, ensure_ascii=False))
        add(request.started, "sent", json.dumps(run.params, ensure_ascii=False))
        if request.headers_at is not None:
            add(request.headers_at, "headers", json.dumps({"status": request.status, **request.headers}))
        if request.is_stream:
            for at, kind, data in _stream_events(request):
                add(at, kind, data)
        elif request.pieces:
            add(request.pieces[-1][0], "body", request.body.decode(errors="replace"))
    end = start + (run.total or 0.0)
    add(end, "error", run.error.title) if run.error else add(end, "end", run.state.value)
    return events


def _stream_events(request: "HttpAttempt") -> "Iterator[tuple[float, EventKind, str]]":
    decoder, rest, at = SSEDecoder(), b"", request.started
    for at, data in list(request.pieces):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            for event in decoder.feed(line.decode(errors="replace").removesuffix("\r")):
                yield at, "done" if event.data == "[DONE]" else "chunk", event.data
    if rest or decoder.has_pending_data:
        yield at, "cut", rest.decode(errors="replace")


def save_runs(calls: CallService, ended: "Sequence[tuple[Run, Sequence[Event]]]") -> None:
    """Save runs that have ended and their events, with one transaction, and price those without a cost."""
    from sqlalchemy import Connection

    from core.storage.run_repository import insert_runs, save_ended_runs

    priced = [
        (run if run.cost else replace(run, cost=cost_of_run(run, run.server_kind or "custom")), events)
        for run, events in ended
    ]

    def save(connection: Connection) -> None:
        insert_runs(connection, calls.owner, [run for run, _ in priced])
        save_ended_runs(connection, calls.owner, priced)

    calls.open_store().write(save)
    for run, _ in priced:
        calls.on_end(run)
