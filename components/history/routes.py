"""The HTTP route that streams runs as a file, which may be gigabytes."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from components.history.exports import find_export
from components.history.repositories import history_repository
from components.session.repositories import run_repository
from core.history.export import export_chunks
from core.history.filter import HistoryFilter


def history_routes() -> list[BaseRoute]:
    """Return the routes; each needs the id of an export, which only the page of its session has."""
    return [Route("/{id}", _export)]


async def _export(request: Request) -> Response:
    chosen = find_export(request.path_params["id"])
    if chosen is None:
        return PlainTextResponse("This export is no longer available. Reload History.", 404)
    headers = {"content-disposition": 'attachment; filename="history.jsonl"', "cache-control": "no-store"}
    return StreamingResponse(_chunks(chosen), media_type="application/x-ndjson", headers=headers)


async def _chunks(chosen: HistoryFilter) -> AsyncIterator[str]:
    """Read the runs in threads: one at a time, so that replies go on streaming."""
    chunks = await asyncio.to_thread(export_chunks, history_repository(), run_repository(), chosen)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk
