"""The HTTP routes that feed the live component: small translations between its JSON and the core."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import groupby
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from components.live import alone, replies, transcript
from components.runtime import resources
from components.session.live_session import Begun, Desk, desks
from core.errors.types import PlaygroundError
from core.runs.jobs import Job
from core.runs.log import Piece

# A question with its images; the composer says less, so this only stops what did not come from it.
MAX_BODY = 240_000_000
_QUICK = 1_000_000  # bytes of JSON that are read in less than a frame
_UNREADABLE = PlaygroundError("The page sent something unreadable", "Reload it and try again.")
_TICK = 5.0
_LONGEST_SIDE = 65_535

Handler = Callable[[Request, Desk], Awaitable[Response]]


def live_routes() -> list[BaseRoute]:
    """All of them need the token of an open desk."""
    return [
        Route("/transcript", authorised(_transcript)),
        Route("/send", authorised(_send), methods=["POST"]),
        Route("/sends/{key}/withdraw", authorised(_withdraw), methods=["POST"]),
        Route("/estimate", authorised(_estimate), methods=["POST"]),
        Route("/runs/{run}", authorised(_follow)),
        Route("/runs/{run}/stop", authorised(_stop), methods=["POST"]),
        Route("/messages/{message}/{change}", authorised(_change), methods=["POST"]),
    ]


def authorised(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Give *handler* the desk whose token the request carries; without one it never gets to run."""

    async def endpoint(request: Request) -> Response:
        desk = desks.find(request.headers.get("x-live-token", ""))
        if desk is None:
            return _problem(401, "This page is no longer connected.", "Reload it; nothing is lost.")
        try:
            return await handler(request, desk)
        except PlaygroundError as error:
            return _problem(409 if isinstance(error, transcript.Moved) else 400, str(error), error.hint)

    return endpoint


async def _transcript(request: Request, desk: Desk) -> Response:
    transcript.check_place(desk, request.query_params.get("conversation"))
    return _json(await asyncio.to_thread(transcript.transcript, desk))


async def _send(request: Request, desk: Desk) -> Response:
    body = await _body(request)
    key = str(body.get("key") or "")
    async with desk.turn:
        transcript.check_place(desk, body.get("conversation"))
        if key in desk.withdrawn:
            return _problem(410, "This question was taken back.", "")
        job, start = await replies.begin(desk, body)
        desk.begun = Begun(key, job.log.id, (start["user"] or start["assistant"])["id"])
        if key in desk.withdrawn or await request.is_disconnected():
            await replies.take_back(desk, desk.begun)
    return _stream(job, desk, first=start)


async def _withdraw(request: Request, desk: Desk) -> Response:
    """Take back what was sent with a key, be it on its way still or its reply begun unheard."""
    key = request.path_params["key"]
    desk.withdrawn.append(key)
    async with desk.turn:
        if desk.begun and desk.begun.key == key:
            await replies.take_back(desk, desk.begun)
    return JSONResponse({})


async def _follow(request: Request, desk: Desk) -> Response:
    job = resources.jobs.get(request.path_params["run"])
    if job is None or job.owner != desk.owner:
        return await _over(desk, request.path_params["run"])
    after = request.query_params.get("after", "")
    return _stream(job, desk, after=int(after) if after.isdecimal() and len(after) < 10 else 0)


async def _over(desk: Desk, run_id: str) -> Response:
    """A run that belongs to no conversation is told again; the transcript tells the others."""
    told = await asyncio.to_thread(alone.over, desk, run_id)
    if told is None:
        return _problem(404, "That reply is over.", "")
    return Response(_line(told), media_type="application/x-ndjson")


async def _stop(request: Request, desk: Desk) -> Response:
    job = resources.jobs.get(request.path_params["run"])
    mine = job is not None and job.owner == desk.owner
    if job and mine:
        job.stop()
    return JSONResponse({"stopped": mine})


async def _estimate(request: Request, desk: Desk) -> Response:
    body = await _body(request)
    images = [_size(image) for image in body["images"]]
    return _json(await asyncio.to_thread(transcript.gauge, desk, str(body.get("text") or ""), images))


def _size(image: dict[str, Any]) -> tuple[int, int]:
    """The pixels of an image as the composer measured it, within what a file can say."""
    return _side(image.get("width")), _side(image.get("height"))


def _side(pixels: object) -> int:
    return min(max(pixels, 1), _LONGEST_SIDE) if isinstance(pixels, int) else 1


async def _change(request: Request, desk: Desk) -> Response:
    message, change = request.path_params["message"], request.path_params["change"]
    await asyncio.to_thread(transcript.change, desk, message, change)
    return _json(await asyncio.to_thread(transcript.transcript, desk))


def _stream(job: Job, desk: Desk, first: Any = None, after: int = 0) -> Response:
    return StreamingResponse(
        _lines(job, desk, first, after),
        media_type="application/x-ndjson",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _lines(job: Job, desk: Desk, first: Any, after: int) -> AsyncIterator[bytes]:
    """What the browser is told of a run, a JSON object a line."""
    job.readers += 1
    job.desks.add(desk.token)
    try:
        if first is not None:
            yield _line(first)
        async for pieces in _ticking(job.log.follow(after)):
            if pieces is None:
                yield _line({"t": "tick"})
                continue
            for event in _events(pieces, after):
                yield _line(event)
            after += len(pieces)
        await job.saved.wait()
        yield _line(await asyncio.to_thread(replies.ended, desk, job))
    finally:
        job.readers -= 1


async def _ticking(batches: AsyncIterator[list[Piece]]) -> AsyncIterator[list[Piece] | None]:
    """Yield None whenever nothing came for a while, so that a dead connection is noticed."""
    coming = asyncio.ensure_future(anext(batches, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_TICK)
            if not done:
                yield None
                continue
            if (batch := coming.result()) is None:
                return
            yield batch
            coming = asyncio.ensure_future(anext(batches, None))
    finally:
        coming.cancel()


def _events(pieces: list[Piece], after: int) -> list[dict[str, Any]]:
    """Join neighbours of a kind; `n` counts pieces, so that a reader can go on where it was."""
    events: list[dict[str, Any]] = []
    for kind, group in groupby(pieces, key=lambda piece: piece.kind):
        texts = [piece.text for piece in group]
        after += len(texts)
        if kind == "retry":
            events += [{"t": "retry", "n": after, **json.loads(text)} for text in texts]
        else:
            events.append({"t": kind, "n": after, "s": "".join(texts)})
    return events


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, with a list of objects, if an empty one, as its `images`."""
    raw = await _read(request)
    try:
        body = await asyncio.to_thread(orjson.loads, raw) if len(raw) > _QUICK else orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise _UNREADABLE from None
    images = (body.get("images") or []) if isinstance(body, dict) else None
    if not isinstance(images, list) or not all(isinstance(image, dict) for image in images):
        raise _UNREADABLE
    return {**body, "images": images}


async def _read(request: Request) -> bytes:
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY:
                raise PlaygroundError("That is too much to send", "Attach fewer or smaller images.")
    except ClientDisconnect:
        raise _UNREADABLE from None
    return b"".join(pieces)


def _line(event: Any) -> bytes:
    return orjson.dumps(event) + b"\n"


def _json(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _problem(status: int, title: str, hint: str) -> Response:
    return JSONResponse({"title": title, "hint": hint}, status)
