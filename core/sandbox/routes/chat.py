"""`/v1/chat/completions`."""

import itertools
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api.request_body import read_json
from core.sandbox.api.serializers import ChatCompletion, ChunkSerializer
from core.sandbox.completions.completion import create_completion
from core.sandbox.completions.request import parse_request
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.request_context import RequestContext, request_key
from core.sandbox.simulation.streaming import ScheduledResponse


async def create_chat_completion(request: Request) -> Response:
    context: RequestContext = request.scope["context"]
    body = await read_json(request)
    state = request.app.state
    # In threads, because tokenizing a long prompt would delay the streams of other requests.
    chat_request = await run_in_threadpool(parse_request, body, state.models)
    estimate = chat_request.estimated_tokens
    context.admit(state.rate_limiter, chat_request.params["model"], estimate)
    fault_name = context.fault.fault_type.name if context.fault else ""
    completion = await run_in_threadpool(
        create_completion, chat_request, context.seed, state.prompt_cache, fault_name
    )
    if chat_request.params.get("store"):
        body = {**completion.to_dict(), "request_id": context.log_entry.id}
        owner = request_key(request.headers)
        await run_in_threadpool(state.stored_completions.add, owner, body, chat_request.params)
    used = completion.usage.prompt_tokens + completion.usage.completion_tokens
    context.add_tokens(state.rate_limiter, chat_request.params["model"], max(0, used - estimate))
    return _schedule(completion, chat_request.params, context)


def _schedule(completion: ChatCompletion, params: dict[str, Any], context: RequestContext) -> Response:
    """Return the response, with the time of each token."""
    usage = completion.usage
    latency = context.latency.with_cached_share(usage.cached_tokens / usage.prompt_tokens)
    token_times = latency.token_times(context.log_entry.id)
    if not params.get("stream"):
        # The whole body is sent at the time at which a stream would have its last token.
        longest = max(choice.event_count for choice in completion.choices)
        time = next(itertools.islice(token_times, longest, None))
        body_parts = fault_responses.apply_to_body(time, [completion.to_json()], context.fault)
        media_type = context.media_type("application/json")
        return ScheduledResponse(body_parts, context, media_type, immediate_headers=False)
    stream_options = params.get("stream_options", {})
    chunks = ChunkSerializer(completion, bool(stream_options.get("include_usage")))
    # The role is sent together with the first token.
    times = itertools.chain([latency.ttft], token_times)
    events = (
        (time, event) for group, time in zip(chunks.event_groups(), times, strict=False) for event in group
    )
    parts = fault_responses.apply_to_stream(events, context.fault, chunks.content_template())
    return ScheduledResponse(parts, context, context.media_type("text/event-stream"), immediate_headers=True)
