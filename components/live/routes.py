"""The HTTP routes of the live component: they translate between its JSON and the services of core."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from components.live.run_stream import json_line, stream_run
from components.live.views import (
    context_usage_view,
    end_event,
    standalone_end_event,
    start_event,
    transcript_view,
)
from components.runtime import resources
from components.session.authorization import ConversationChanged, authorised, error_response
from components.session.live_session import LiveSession, PendingSend
from components.ui.models.model_options import model_options, models_of_kind, models_of_server
from core.apis import APIS, default_api
from core.chat.context import context_usage, stored_context_usage
from core.chat.faults import SIMULATED_FAULTS
from core.chat.reply_service import CAPABILITY, ReplyOptions, ReplyService, SendRequest
from core.chat.request import stored_reply
from core.chat.transcript import Transcript, apply_message_action, load_reply, load_transcript
from core.client.profile import Profile
from core.completions.request import ChatSettings
from core.conversations.turn_service import turn_service
from core.errors.types import NotFound, PlaygroundError
from core.models.catalog import ModelKind
from core.runs.jobs import Job
from core.runs.run import RunState
from core.storage.run_repository import RunRepository

# A message with its images. The composer limits them to less, so this only stops other clients.
MAX_BODY_BYTES = 240_000_000
_MAX_BYTES_ON_LOOP = 1_000_000  # more JSON than this takes longer to parse than a frame
_INVALID_BODY = PlaygroundError("The request body is not valid", "Reload the page and try again.")
_MAX_SIDE = 65_535

_log = logging.getLogger(__name__)


def live_routes() -> list[BaseRoute]:
    """Return the routes; each needs the token of an open session."""
    return [
        Route("/transcript", authorised(get_transcript)),
        Route("/send", authorised(send_message), methods=["POST"]),
        Route("/sends/{key}/undo", authorised(undo_send), methods=["POST"]),
        Route("/models", authorised(list_models)),
        Route("/context-usage", authorised(estimate_context_usage), methods=["POST"]),
        Route("/runs/{run}", authorised(follow_run)),
        Route("/runs/{run}/call", authorised(get_call)),
        Route("/runs/{run}/stop", authorised(stop_run), methods=["POST"]),
        Route("/messages/{message}/{change}", authorised(message_action), methods=["POST"]),
    ]


def _load_transcript(session: LiveSession) -> Transcript:
    return load_transcript(
        session.calls, session.conversation, session.settings, session.trim, session.profile
    )


def _transcript_json(session: LiveSession) -> Any:
    """Load the conversation on show and return it as JSON. Reads the database: call it off the loop."""
    return transcript_view(_load_transcript(session), resources.store())


async def get_transcript(request: Request, session: LiveSession) -> Response:
    _ensure_same_conversation(session, request.query_params.get("conversation"))
    return _json_response(await asyncio.to_thread(_transcript_json, session))


def _ensure_same_conversation(session: LiveSession, conversation: object) -> None:
    if conversation not in (None, session.conversation):
        raise ConversationChanged(
            "The page is changing to another conversation", "Send it again in a moment."
        )


async def send_message(request: Request, session: LiveSession) -> Response:
    body = await _json_body(request)
    key = str(body.get("key") or "")
    async with session.send_lock:
        _ensure_same_conversation(session, body.get("conversation"))
        if key in session.undone_keys:
            return error_response(410, "Sending this message was undone.", "")
        if session.profile is None or session.settings is None:
            raise PlaygroundError("The page is not ready yet", "Wait a moment and send again.")
        options = _reply_options(body, session, session.profile, session.settings)
        send = SendRequest(
            str(body.get("action") or ""),
            str(body.get("text") or ""),
            [str(image.get("data") or "") for image in body["images"]],
            str(body.get("message") or ""),
        )
        replies = ReplyService(session.calls)
        job, turn = await replies.start(session.conversation, send, options)
        pending = PendingSend(key, job.log.id, (turn.question or turn.reply).id)
        session.pending_send = pending
        if key in session.undone_keys or await request.is_disconnected():
            await replies.undo(pending.run_id, pending.message_id)
    first = start_event(turn, job.log.snapshot())
    return stream_run(job, session, partial(_end_json, session, job), first)


def _reply_options(
    body: dict[str, Any], session: LiveSession, profile: Profile, settings: ChatSettings
) -> ReplyOptions:
    """Return the settings of the page with the model, the API and the fault of this one reply."""
    model = str(body.get("model") or settings.model)
    # A model that needs the Responses API gets it, unless the user has chosen an API for this reply.
    usual_api = settings.api if default_api(model) == default_api(settings.model) else default_api(model)
    api = str(body.get("api") or usual_api)
    fault = str(body.get("fault") or "")
    is_possible = profile.kind == "sandbox" and fault in SIMULATED_FAULTS
    if api not in APIS or (fault and not is_possible):
        raise _INVALID_BODY
    changed = settings.model_copy(update={"model": model, "api": api})
    return ReplyOptions(profile, changed, session.trim, session.summaries, fault)


async def undo_send(request: Request, session: LiveSession) -> Response:
    """Undo what was sent with a key, whether it is still on its way or its reply has already started."""
    key = request.path_params["key"]
    session.undone_keys.append(key)
    async with session.send_lock:
        pending = session.pending_send
        if pending and pending.key == key:
            await ReplyService(session.calls).undo(pending.run_id, pending.message_id)
    return JSONResponse({})


async def follow_run(request: Request, session: LiveSession) -> Response:
    run_id = request.path_params["run"]
    job = session.calls.job(run_id)
    if job is None:
        return await _ended_run(session, run_id)
    after = _number(request.query_params.get("after", ""))
    return stream_run(job, session, partial(_end_json, session, job), after=after)


async def _ended_run(session: LiveSession, run_id: str) -> Response:
    """Answer for a run that has ended: replies of a conversation are in its transcript, others come here."""
    store = await asyncio.to_thread(resources.store)
    runs = await asyncio.to_thread(RunRepository(store, session.owner).get_many, [run_id])
    run = runs.get(run_id)
    if run is None or run.capability == CAPABILITY or run.state is RunState.RUNNING:
        return error_response(404, "This reply has ended.", "")
    # In a thread, because it may count tokens.
    view = await asyncio.to_thread(standalone_end_event, run)
    return Response(json_line(view), media_type="application/x-ndjson")


async def get_call(request: Request, session: LiveSession) -> Response:
    run_id, part = request.path_params["run"], request.query_params.get("part", "")
    after = _number(request.query_params.get("after", ""))
    # Late, because the writers of code take half of the time in which the Chat page is imported.
    from components.live.call_view import call_view

    view = await asyncio.to_thread(call_view, session.owner, run_id, session.calls.job(run_id), after, part)
    return _json_response(view) if view else error_response(404, "This run no longer exists.", "")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0


async def stop_run(request: Request, session: LiveSession) -> Response:
    job = session.calls.job(request.path_params["run"])
    if job:
        job.stop()  # without waiting: the end of the stream tells the browser
    return JSONResponse({"stopped": job is not None})


async def estimate_context_usage(request: Request, session: LiveSession) -> Response:
    body = await _json_body(request)
    # The size of an image as the composer measured it, within what an image file can declare.
    images = [(_side(image.get("width")), _side(image.get("height"))) for image in body["images"]]
    return _json_response(
        await asyncio.to_thread(_context_usage_json, session, str(body.get("text") or ""), images)
    )


def _side(pixels: object) -> int:
    return min(max(pixels, 1), _MAX_SIDE) if isinstance(pixels, int) else 1


def _context_usage_json(session: LiveSession, draft: str, images: Sequence[tuple[int, int]]) -> Any:
    """Estimate the next request with *draft* and *images*; None if it cannot be estimated."""
    if session.settings is None:
        return None
    turns = turn_service(resources.store(), session.owner)
    try:
        branch = turns.conversations.branch(session.conversation)
    except NotFound:
        branch = []
    previous = session.profile and stored_reply(session.settings, branch, turns.runs, session.profile)
    try:
        usage = (
            stored_context_usage(session.settings, previous, branch, draft, images)
            if previous
            else context_usage(session.settings, session.trim, branch, draft, images)
        )
    except PlaygroundError as error:
        _log.warning("No context usage: %s %s", error, error.hint)
        return None
    return context_usage_view(usage, session.settings)


async def list_models(request: Request, session: LiveSession) -> Response:
    """Return the chat or embedding models of the active server, or of the one in the query."""
    today, server = datetime.now(UTC).date(), request.query_params.get("server")
    kind: ModelKind = "embedding" if request.query_params.get("kind") == "embedding" else "chat"
    if server is None:
        models = models_of_kind(session.models, kind, today)
    elif profile := session.profiles.get(server):
        listed = session.server_models.get(profile.base_url, {})
        models = models_of_server(profile, listed, kind, today)
    else:
        models = {}
    # In a thread, because the price table may have to be read.
    return _json_response({"models": await asyncio.to_thread(model_options, models.values())})


async def message_action(request: Request, session: LiveSession) -> Response:
    message_id, action = request.path_params["message"], request.path_params["change"]

    def apply() -> Any:
        conversations = turn_service(resources.store(), session.owner).conversations
        apply_message_action(conversations, message_id, action)
        return _transcript_json(session)

    return _json_response(await asyncio.to_thread(apply))


def _end_json(session: LiveSession, job: Job) -> Any:
    """The last line of a run's stream: the reply as the transcript now has it, with new totals."""
    run = job.log.snapshot()
    if run.capability != CAPABILITY:
        return standalone_end_event(run)
    reply = load_reply(session.calls, session.conversation, job.message_id)
    return end_event(reply or _load_transcript(session), resources.store(), job.message_id)


async def _json_body(request: Request) -> dict[str, Any]:
    """Return the JSON object of the request; its `images` is always a list of objects."""
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
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            chunks.append(chunk)
            size += len(chunk)
            if size > MAX_BODY_BYTES:
                raise PlaygroundError("The message is too large", "Attach fewer or smaller images.")
    except ClientDisconnect:
        raise _INVALID_BODY from None
    return b"".join(chunks)


def _json_response(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")
