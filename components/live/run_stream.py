"""The stream of one run to the browser: its deltas from any point on, as one JSON object a line."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from itertools import groupby
from typing import Any

import orjson
from starlette.responses import Response, StreamingResponse

from components.session.live_session import LiveSession
from core.runs.jobs import Job
from core.runs.log import StreamDelta

_HEARTBEAT_INTERVAL = 5.0


def stream_run(
    job: Job, session: LiveSession, end: Callable[[], Any], first: Any = None, after: int = 0
) -> Response:
    """Stream *first*, the deltas of the run from number *after* on, and what *end* returns once it is saved.

    *end* is called off the event loop.
    """
    return StreamingResponse(
        _lines(job, session, end, first, after),
        media_type="application/x-ndjson",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _lines(
    job: Job, session: LiveSession, end: Callable[[], Any], first: Any, after: int
) -> AsyncIterator[bytes]:
    if first is not None:
        yield json_line(first)
    async with aclosing(run_events(job, session, after)) as events:
        async for event in events:
            yield json_line(event)
    yield json_line(await asyncio.to_thread(end))


async def run_events(job: Job, session: LiveSession, after: int = 0) -> AsyncGenerator[dict[str, Any]]:
    """Yield the events of the run from delta number *after* on, until it is saved.

    While nothing arrives, a tick comes every few seconds, so that a dead connection is noticed.
    """
    job.readers += 1
    job.session_tokens.add(session.token)
    try:
        async for deltas in _with_heartbeat(job.log.follow(after)):
            if deltas is None:
                yield {"t": "tick"}
                continue
            for event in _events(deltas, after):
                yield event
            after += len(deltas)
        await job.saved.wait()
    finally:
        job.readers -= 1


async def _with_heartbeat(
    batches: AsyncIterator[list[StreamDelta]],
) -> AsyncIterator[list[StreamDelta] | None]:
    """Yield the batches, and None whenever none came for a while."""
    next_batch = asyncio.ensure_future(anext(batches, None))
    try:
        while True:
            done, _ = await asyncio.wait({next_batch}, timeout=_HEARTBEAT_INTERVAL)
            if not done:
                yield None
                continue
            if (batch := next_batch.result()) is None:
                return
            yield batch
            next_batch = asyncio.ensure_future(anext(batches, None))
    finally:
        next_batch.cancel()


def _events(deltas: list[StreamDelta], after: int) -> list[dict[str, Any]]:
    """Join consecutive deltas of one kind into one event.

    `t` is the kind of the event, `s` its text, and `n` the number of deltas up to and including it, from
    which a reader can resume. A retry has the fields of the attempt instead of `s`.
    """
    events: list[dict[str, Any]] = []
    for kind, group in groupby(deltas, key=lambda delta: delta.kind):
        texts = [delta.text for delta in group]
        after += len(texts)
        if kind == "retry":
            events += [{"t": "retry", "n": after, **json.loads(text)} for text in texts]
        else:
            events.append({"t": kind, "n": after, "s": "".join(texts)})
    return events


def json_line(event: Any) -> bytes:
    return orjson.dumps(event) + b"\n"
