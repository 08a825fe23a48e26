"""`/v1/chat/completions`."""

import itertools
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api.models import Catalogue
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.api.request_body import read_json
from core.sandbox.api.serializers import Chunks, Completion
from core.sandbox.completions.completion import ChatRequest, compose, read_request
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.auth_middleware import Exchange
from core.sandbox.simulation.latency import Timed
from core.sandbox.simulation.streaming import PacedResponse


async def create_chat_completion(request: Request) -> Response:
    exchange: Exchange = request.scope["exchange"]
    body = await read_json(request)
    state = request.app.state
    asked, completion = await run_in_threadpool(_complete, body, state.catalogue, exchange.seed, state.cache)
    state.meter.spend(completion.usage.prompt + completion.usage.completion)
    if not asked.params.get("stream"):
        return _whole(completion, exchange)
    options = asked.params.get("stream_options", {})
    return _streamed(completion, exchange, bool(options.get("include_usage")))


def _complete(
    body: object, catalogue: Catalogue, seed: int, cache: PromptCache
) -> tuple[ChatRequest, Completion]:
    asked = read_request(body, catalogue)
    return asked, compose(asked, seed, cache)


def _whole(completion: Completion, exchange: Exchange) -> Response:
    """Answer in one body, when the last token would be there."""
    longest = max(len(choice.pieces) for choice in completion.choices)
    due = next(itertools.islice(exchange.pace.offsets(exchange.entry.id), longest, None))
    steps = fault_responses.bend_whole((due, completion.body()), exchange.fault)
    return PacedResponse(steps, exchange, _media_type(exchange, "application/json"), eager=False)


def _streamed(completion: Completion, exchange: Exchange, include_usage: bool) -> Response:
    chunks = Chunks(completion, include_usage)
    bent = fault_responses.bend(_timed(chunks, exchange), exchange.fault, chunks.template())
    return PacedResponse(bent, exchange, _media_type(exchange, "text/event-stream"), eager=True)


def _timed(chunks: Chunks, exchange: Exchange) -> Iterator[Timed]:
    """Say when each event is due: the roles with the first token, the end one gap after the last."""
    dues = itertools.chain([exchange.pace.ttft], exchange.pace.offsets(exchange.entry.id))
    return ((due, event) for row, due in zip(chunks.rows(), dues, strict=False) for event in row)


def _media_type(exchange: Exchange, usual: str) -> str:
    odd = exchange.fault is not None and exchange.fault.kind.name == "content-type"
    return "text/plain" if odd else usual
