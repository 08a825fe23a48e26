"""The stream of all runs of a comparison to the browser: one connection, however many variants there are.

A browser opens six connections to a host at most, so six streams would leave none for anything else.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse

from components.compare.views import reply_message
from components.live.run_stream import json_line, run_events
from components.session.live_session import LiveSession
from core.runs.jobs import Job
from core.runs.run import Run

Event = dict[str, Any]


def stream_runs(
    jobs: Mapping[str, tuple[Job, int]],
    ended: Iterable[Run],
    session: LiveSession,
    end: Callable[[], Event],
    first: Event | None = None,
) -> StreamingResponse:
    """Stream *first*, the ends of the *ended* runs, the events of *jobs*, and at last what *end* returns.

    *jobs* have with each the number of the delta to start after. Each event of a run has its id as `run`.
    *end* is called off the event loop.
    """
    return StreamingResponse(
        _lines(jobs, ended, session, end, first),
        media_type="application/x-ndjson",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _lines(
    jobs: Mapping[str, tuple[Job, int]],
    ended: Iterable[Run],
    session: LiveSession,
    end: Callable[[], Event],
    first: Event | None,
) -> AsyncIterator[bytes]:
    if first is not None:
        yield json_line(first)
    for run in ended:
        yield json_line(await _end_event(run))
    queue: asyncio.Queue[Event | None] = asyncio.Queue()
    readers = [asyncio.create_task(_read(job, after, session, queue)) for job, after in jobs.values()]
    try:
        open_readers = len(readers)
        while open_readers:
            event = await queue.get()
            if event is None:
                open_readers -= 1
            else:
                yield json_line(event)
        yield json_line(await asyncio.to_thread(end))
    finally:
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)


async def _read(job: Job, after: int, session: LiveSession, queue: "asyncio.Queue[Event | None]") -> None:
    """Put the events of one run into *queue*, and None after the last one."""
    try:
        async with aclosing(run_events(job, session, after)) as events:
            async for event in events:
                queue.put_nowait({"run": job.log.id, **event})
        queue.put_nowait(await _end_event(job.log.snapshot()))
    finally:
        queue.put_nowait(None)


async def _end_event(run: Run) -> Event:
    # In a thread, because it may count tokens.
    return {"run": run.id, "t": "end", "message": await asyncio.to_thread(reply_message, run)}
