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
from components.session.live_session import LiveSession, PendingSend, live_sessions
from core.errors.types import PlaygroundError
from core.runs.jobs import Job
from core.runs.log import StreamDelta

# A question with its images; the composer says less, so this only stops what did not come from it.
MAX_BODY_BYTES = 240_000_000
_MAX_BYTES_ON_LOOP = 1_000_000  # bytes of JSON that are read in less than a frame
_INVALID_BODY = PlaygroundError("The page sent something unreadable", "Reload it and try again.")
_HEARTBEAT_INTERVAL = 5.0
_MAX_SIDE = 65_535

Handler = Callable[[Request, LiveSession], Awaitable[Response]]


def live_routes() -> list[BaseRoute]:
    """All of them need the token of an open desk."""
    return [
        Route("/transcript", authorised(_transcript)),
        Route("/send", authorised(_send), methods=["POST"]),
        Route("/sends/{key}/withdraw", authorised(_undo_send), methods=["POST"]),
        Route("/estimate", authorised(_estimate_tokens), methods=["POST"]),
        Route("/runs/{run}", authorised(_follow)),
        Route("/runs/{run}/stop", authorised(_stop), methods=["POST"]),
        Route("/messages/{message}/{change}", authorised(_message_action), methods=["POST"]),
    ]


def authorised(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Give *handler* the desk whose token the request carries; without one it never gets to run."""

    async def endpoint(request: Request) -> Response:
        desk = live_sessions.find(request.headers.get("x-live-token", ""))
        if desk is None:
            return _error_response(401, "This page is no longer connected.", "Reload it; nothing is lost.")
        try:
            return await handler(request, desk)
        except PlaygroundError as error:
            return _error_response(
                409 if isinstance(error, transcript.ConversationChanged) else 400, str(error), error.hint
            )

    return endpoint


async def _transcript(request: Request, desk: LiveSession) -> Response:
    transcript.ensure_same_conversation(desk, request.query_params.get("conversation"))
    return _json_response(await asyncio.to_thread(transcript.transcript, desk))


async def _send(request: Request, desk: LiveSession) -> Response:
    body = await _json_body(request)
    key = str(body.get("key") or "")
    async with desk.send_lock:
        transcript.ensure_same_conversation(desk, body.get("conversation"))
        if key in desk.undone_keys:
            return _error_response(410, "This question was taken back.", "")
        job, start = await replies.start_reply(desk, body)
        desk.pending_send = PendingSend(key, job.log.id, (start["user"] or start["assistant"])["id"])
        if key in desk.undone_keys or await request.is_disconnected():
            await replies.undo_send(desk, desk.pending_send)
    return _stream_response(job, desk, first=start)


async def _undo_send(request: Request, desk: LiveSession) -> Response:
    """Take back what was sent with a key, be it on its way still or its reply begun unheard."""
    key = request.path_params["key"]
    desk.undone_keys.append(key)
    async with desk.send_lock:
        if desk.pending_send and desk.pending_send.key == key:
            await replies.undo_send(desk, desk.pending_send)
    return JSONResponse({})


async def _follow(request: Request, desk: LiveSession) -> Response:
    job = resources.jobs.get(request.path_params["run"])
    if job is None or job.owner != desk.owner:
        return await _ended_run(desk, request.path_params["run"])
    after = request.query_params.get("after", "")
    return _stream_response(job, desk, after=int(after) if after.isdecimal() and len(after) < 10 else 0)


async def _ended_run(desk: LiveSession, run_id: str) -> Response:
    """A run that belongs to no conversation is told again; the transcript tells the others."""
    told = await asyncio.to_thread(alone.standalone_end, desk, run_id)
    if told is None:
        return _error_response(404, "That reply is over.", "")
    return Response(_json_line(told), media_type="application/x-ndjson")


async def _stop(request: Request, desk: LiveSession) -> Response:
    job = resources.jobs.get(request.path_params["run"])
    mine = job is not None and job.owner == desk.owner
    if job and mine:
        job.stop()
    return JSONResponse({"stopped": mine})


async def _estimate_tokens(request: Request, desk: LiveSession) -> Response:
    body = await _json_body(request)
    images = [_image_size(image) for image in body["images"]]
    return _json_response(
        await asyncio.to_thread(transcript.context_usage, desk, str(body.get("text") or ""), images)
    )


def _image_size(image: dict[str, Any]) -> tuple[int, int]:
    """The pixels of an image as the composer measured it, within what a file can say."""
    return _side(image.get("width")), _side(image.get("height"))


def _side(pixels: object) -> int:
    return min(max(pixels, 1), _MAX_SIDE) if isinstance(pixels, int) else 1


async def _message_action(request: Request, desk: LiveSession) -> Response:
    message, change = request.path_params["message"], request.path_params["change"]
    await asyncio.to_thread(transcript.apply_message_action, desk, message, change)
    return _json_response(await asyncio.to_thread(transcript.transcript, desk))


def _stream_response(job: Job, desk: LiveSession, first: Any = None, after: int = 0) -> Response:
    return StreamingResponse(
        _stream_lines(job, desk, first, after),
        media_type="application/x-ndjson",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )


async def _stream_lines(job: Job, desk: LiveSession, first: Any, after: int) -> AsyncIterator[bytes]:
    """What the browser is told of a run, a JSON object a line."""
    job.readers += 1
    job.session_tokens.add(desk.token)
    try:
        if first is not None:
            yield _json_line(first)
        async for pieces in _with_heartbeat(job.log.follow(after)):
            if pieces is None:
                yield _json_line({"t": "tick"})
                continue
            for event in _events(pieces, after):
                yield _json_line(event)
            after += len(pieces)
        await job.saved.wait()
        yield _json_line(await asyncio.to_thread(replies.ended_view, desk, job))
    finally:
        job.readers -= 1


async def _with_heartbeat(
    batches: AsyncIterator[list[StreamDelta]],
) -> AsyncIterator[list[StreamDelta] | None]:
    """Yield None whenever nothing came for a while, so that a dead connection is noticed."""
    coming = asyncio.ensure_future(anext(batches, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_HEARTBEAT_INTERVAL)
            if not done:
                yield None
                continue
            if (batch := coming.result()) is None:
                return
            yield batch
            coming = asyncio.ensure_future(anext(batches, None))
    finally:
        coming.cancel()


def _events(pieces: list[StreamDelta], after: int) -> list[dict[str, Any]]:
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


async def _json_body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, with a list of objects, if an empty one, as its `images`."""
    raw = await _read_body(request)
    try:
        body = (
            await asyncio.to_thread(orjson.loads, raw) if len(raw) > _MAX_BYTES_ON_LOOP else orjson.loads(raw)
        )
    except orjson.JSONDecodeError:
        raise _INVALID_BODY from None
    images = (body.get("images") or []) if isinstance(body, dict) else None
    if not isinstance(images, list) or not all(isinstance(image, dict) for image in images):
        raise _INVALID_BODY
    return {**body, "images": images}


async def _read_body(request: Request) -> bytes:
    pieces, size = [], 0
    try:
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY_BYTES:
                raise PlaygroundError("That is too much to send", "Attach fewer or smaller images.")
    except ClientDisconnect:
        raise _INVALID_BODY from None
    return b"".join(pieces)


def _json_line(event: Any) -> bytes:
    return orjson.dumps(event) + b"\n"


def _json_response(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _error_response(status: int, title: str, hint: str) -> Response:
    return JSONResponse({"title": title, "hint": hint}, status)
