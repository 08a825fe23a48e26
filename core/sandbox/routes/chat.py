"""`/v1/chat/completions`."""

import itertools
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api.models import ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.api.request_body import read_json
from core.sandbox.api.serializers import ChatCompletion, ChunkSerializer
from core.sandbox.completions.completion import ChatRequest, create_completion, parse_request
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.auth_middleware import RequestContext
from core.sandbox.simulation.latency import ScheduledBytes
from core.sandbox.simulation.streaming import ScheduledResponse


async def create_chat_completion(request: Request) -> Response:
    exchange: RequestContext = request.scope["exchange"]
    body = await read_json(request)
    state = request.app.state
    asked, completion = await run_in_threadpool(_complete, body, state.models, exchange.seed, state.cache)
    state.rate_limits.add_tokens(completion.usage.prompt_tokens + completion.usage.completion_tokens)
    if not asked.params.get("stream"):
        return _whole(completion, exchange)
    options = asked.params.get("stream_options", {})
    return _streamed(completion, exchange, bool(options.get("include_usage")))


def _complete(
    body: object, catalogue: ModelCatalog, seed: int, cache: PromptCache
) -> tuple[ChatRequest, ChatCompletion]:
    asked = parse_request(body, catalogue)
    return asked, create_completion(asked, seed, cache)


def _whole(completion: ChatCompletion, exchange: RequestContext) -> Response:
    """Answer in one body, when the last token would be there."""
    longest = max(len(choice.pieces) for choice in completion.choices)
    due = next(itertools.islice(exchange.latency.token_times(exchange.log_entry.id), longest, None))
    steps = fault_responses.apply_to_body((due, completion.to_json()), exchange.fault)
    return ScheduledResponse(
        steps, exchange, _media_type(exchange, "application/json"), immediate_headers=False
    )


def _streamed(completion: ChatCompletion, exchange: RequestContext, include_usage: bool) -> Response:
    chunks = ChunkSerializer(completion, include_usage)
    bent = fault_responses.apply_to_stream(
        _timed(chunks, exchange), exchange.fault, chunks.content_template()
    )
    return ScheduledResponse(
        bent, exchange, _media_type(exchange, "text/event-stream"), immediate_headers=True
    )


def _timed(chunks: ChunkSerializer, exchange: RequestContext) -> Iterator[ScheduledBytes]:
    """Say when each event is due: the roles with the first token, the end one gap after the last."""
    dues = itertools.chain([exchange.latency.ttft], exchange.latency.token_times(exchange.log_entry.id))
    return ((due, event) for row, due in zip(chunks.event_groups(), dues, strict=False) for event in row)


def _media_type(exchange: RequestContext, usual: str) -> str:
    odd = exchange.fault is not None and exchange.fault.fault_type.name == "content-type"
    return "text/plain" if odd else usual
