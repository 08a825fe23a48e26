"""`/v1/responses`."""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response as HttpResponse

from core.sandbox.api.errors import invalid_request, invalid_type, unknown_parameter
from core.sandbox.api.pages import page_of
from core.sandbox.api.parameters import OneOf
from core.sandbox.api.prompt_tokens import prompt_token_ids
from core.sandbox.api.request_body import read_json
from core.sandbox.responses.compaction import compact
from core.sandbox.responses.context import ServerState
from core.sandbox.responses.errors import own_names, response_not_found
from core.sandbox.responses.events import EventWriter
from core.sandbox.responses.faults import stream_format
from core.sandbox.responses.parameters import (
    COMPACT_PARAMETERS,
    COUNT_PARAMETERS,
    PARAMETERS,
    Table,
    validate_include,
)
from core.sandbox.responses.request import ResponseRequest, parse_request
from core.sandbox.responses.response import Response, to_json
from core.sandbox.responses.store import StoredResponse
from core.sandbox.routes.replies import generate_reply, reply_end, reply_latency, send_body, send_stream
from core.sandbox.simulation.fault_responses import StreamFormat
from core.sandbox.simulation.latency import ScheduledBytes
from core.sandbox.simulation.request_context import RequestContext
from core.sandbox.simulation.streaming import ScheduledResponse


async def create_response(request: Request) -> HttpResponse:
    context: RequestContext = request.scope["context"]
    response_request = await _parse(request, PARAMETERS)
    with own_names():
        generation = await generate_reply(request, response_request.generation)
    has_failed = context.fault is not None and context.fault.fault_type.name == "response-failed"
    end = reply_end(generation, context)
    response = Response.create(response_request, generation, end, has_failed)
    writer = EventWriter(response, reply_latency(generation, context), context.log_entry.id)
    events = writer.events()
    if response_request.is_stored:
        elapsed = asyncio.get_running_loop().time() - context.started
        stored = await run_in_threadpool(
            request.app.state.responses.add, context.data_owner, response, writer, elapsed
        )
        events = stored.run.events() if stored.run else events
    if response_request.params.get("stream"):
        return send_stream(events, context, stream_format(writer) if context.fault else StreamFormat())
    if response_request.is_background:
        return send_body(to_json(response.to_dict("queued")), 0.0, context)
    return send_body(to_json(response.to_dict()), end, context)


async def retrieve_response(request: Request) -> HttpResponse:
    stored = _stored(request)
    query = request.query_params
    for name in query:
        if name not in ("include", "include[]", "stream", "starting_after", "include_obfuscation"):
            raise unknown_parameter(name)
    validate_include("include", query.getlist("include") + query.getlist("include[]"))
    for name in ("stream", "include_obfuscation"):
        OneOf(("true", "false"))(name, query.get(name, "false"))
    if query.get("stream") != "true":
        return _json_response(stored.to_dict())
    starting_after = query.get("starting_after", "-1")
    if not starting_after.removeprefix("-").isdecimal():
        raise invalid_type("starting_after", "an integer", starting_after)
    if (run := stored.run) is None or not run.response.request.params.get("stream"):
        missing = "background" if run is None else "stream"
        message = f"This response cannot be streamed because it was not created with {missing}=true."
        raise invalid_request(message)
    context: RequestContext = request.scope["context"]
    obfuscates = query["include_obfuscation"] == "true" if "include_obfuscation" in query else None
    parts = _remaining_events(run.events(obfuscates), run.elapsed, int(starting_after[:9]))
    return ScheduledResponse(parts, context, "text/event-stream", immediate_headers=True)


def _remaining_events(
    events: Iterable[ScheduledBytes], elapsed: float, starting_after: int
) -> Iterator[ScheduledBytes]:
    """Yield the events after a sequence number; those of the past at once, the others at their time."""
    for number, (offset, event) in enumerate(events):
        if number > starting_after:
            yield max(0.0, offset - elapsed), event


async def delete_response(request: Request) -> HttpResponse:
    stored = _stored(request)
    request.app.state.responses.delete(_owner(request), stored.id)
    return _json_response({"id": stored.id, "object": "response", "deleted": True})


async def cancel_response(request: Request) -> HttpResponse:
    stored = _stored(request)
    if stored.run is None:
        raise invalid_request("Cannot cancel a synchronous response.")
    stored.run.cancel()
    return _json_response(stored.to_dict())


async def list_input_items(request: Request) -> HttpResponse:
    stored = _stored(request)
    return _json_response(page_of(request.query_params, stored.input_items, "desc"))


async def count_input_tokens(request: Request) -> HttpResponse:
    generation = (await _parse(request, COUNT_PARAMETERS)).generation

    def count() -> int:
        with own_names():
            return len(
                prompt_token_ids(
                    generation.messages, generation.family, generation.tools, generation.json_schema
                )
            )

    tokens = await run_in_threadpool(count)
    return _json_response({"object": "response.input_tokens", "input_tokens": tokens})


async def compact_response(request: Request) -> HttpResponse:
    compacted_request = await _parse(request, COMPACT_PARAMETERS)
    with own_names():
        body = await run_in_threadpool(compact, compacted_request)
    return _json_response(body)


async def _parse(request: Request, table: Table) -> ResponseRequest:
    body: Any = await read_json(request)
    context: RequestContext = request.scope["context"]
    state = request.app.state

    def read_file(file_id: str) -> bytes:
        content: bytes = state.files.content(context.data_owner, file_id).read_bytes()
        return content

    server_state = ServerState(state.responses, context.data_owner, read_file)
    # In a thread, because a long prompt would delay the streams of other requests.
    return await run_in_threadpool(parse_request, body, state.models, server_state, table)


def _json_response(body: object) -> HttpResponse:
    return HttpResponse(to_json(body), media_type="application/json")


def _owner(request: Request) -> str:
    context: RequestContext = request.scope["context"]
    return context.data_owner


def _stored(request: Request) -> StoredResponse:
    response_id = request.path_params["response_id"]
    stored: StoredResponse | None = request.app.state.responses.get(_owner(request), response_id)
    if stored is None:
        raise response_not_found(response_id)
    return stored
