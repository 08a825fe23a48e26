"""`/v1/chat/completions`."""

import itertools

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api.request_body import read_json
from core.sandbox.api.serializers import ChunkSerializer
from core.sandbox.completions.completion import create_completion
from core.sandbox.completions.request import parse_request
from core.sandbox.routes.replies import generate_reply, reply_end, reply_latency, send_body, send_stream
from core.sandbox.simulation.fault_responses import StreamFormat
from core.sandbox.simulation.request_context import RequestContext


async def create_chat_completion(request: Request) -> Response:
    context: RequestContext = request.scope["context"]
    body = await read_json(request)
    state = request.app.state
    # In a thread, because a long prompt would delay the streams of other requests.
    chat_request = await run_in_threadpool(parse_request, body, state.models)
    params = chat_request.params
    generation = await generate_reply(request, chat_request)
    completion = create_completion(chat_request, generation)
    if params.get("store"):
        stored_body = {**completion.to_dict(), "request_id": context.log_entry.id}
        await run_in_threadpool(state.stored_completions.add, context.data_owner, stored_body, params)
    if not params.get("stream"):
        return send_body(completion.to_json(), reply_end(generation, context), context)
    chunks = ChunkSerializer(completion, bool(params.get("stream_options", {}).get("include_usage")))
    latency = reply_latency(generation, context)
    # The role is sent together with the first token.
    times = itertools.chain([latency.ttft], latency.token_times(context.log_entry.id))
    events = (
        (time, event) for group, time in zip(chunks.event_groups(), times, strict=False) for event in group
    )
    return send_stream(events, context, StreamFormat(chunks.content_template()))
