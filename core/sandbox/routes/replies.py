"""What the routes that reply have in common: rate limits, the reply, its latency and its faults."""

import itertools
from collections.abc import Iterable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api.serializers import Generation
from core.sandbox.completions.completion import generate
from core.sandbox.completions.request import GenerationRequest
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.fault_responses import StreamFormat
from core.sandbox.simulation.latency import Latency, ScheduledBytes
from core.sandbox.simulation.request_context import RequestContext
from core.sandbox.simulation.streaming import ScheduledResponse


async def generate_reply(request: Request, generation_request: GenerationRequest) -> Generation:
    """Count the request against its rate limits, and return its reply. Raises ApiError."""
    context: RequestContext = request.scope["context"]
    state = request.app.state
    model, estimate = generation_request.params["model"], generation_request.estimated_tokens
    context.admit(state.rate_limiter, model, estimate)
    fault_name = context.fault.fault_type.name if context.fault else ""
    # In a thread, because tokenizing a long prompt would delay the streams of other requests.
    generation = await run_in_threadpool(
        generate, generation_request, context.seed, state.prompt_cache, fault_name
    )
    context.reply_origin = generation.origin
    used = generation.usage.prompt_tokens + generation.usage.completion_tokens
    context.add_tokens(state.rate_limiter, model, max(0, used - estimate))
    return generation


def reply_latency(generation: Generation, context: RequestContext) -> Latency:
    """Return the latency of the request, which is shorter for a prompt that is cached in part."""
    usage = generation.usage
    return context.latency.with_cached_share(usage.cached_tokens / usage.prompt_tokens)


def reply_end(generation: Generation, context: RequestContext) -> float:
    """Return the time of the last event of a stream, at which a response that is no stream is sent."""
    times = reply_latency(generation, context).token_times(context.log_entry.id)
    return next(itertools.islice(times, generation.event_count, None))


def send_body(body: bytes, time: float, context: RequestContext) -> Response:
    """Send *body* at *time*, the end of the reply."""
    parts = fault_responses.apply_to_body(time, [body], context.fault)
    return ScheduledResponse(parts, context, context.media_type("application/json"), immediate_headers=False)


def send_stream(
    events: Iterable[ScheduledBytes], context: RequestContext, stream_format: StreamFormat
) -> Response:
    parts = fault_responses.apply_to_stream(events, context.fault, stream_format)
    return ScheduledResponse(parts, context, context.media_type("text/event-stream"), immediate_headers=True)
