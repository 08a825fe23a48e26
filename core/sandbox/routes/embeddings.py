"""`/v1/embeddings`."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api import parameters
from core.sandbox.api.errors import ApiError, invalid_request
from core.sandbox.api.model_rules import model_not_found
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.parameters import Number, OneOf, String
from core.sandbox.api.request_body import read_json
from core.sandbox.api.tokenizer import encode, get_encoding
from core.sandbox.embeddings.embeddings import embed
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.request_context import RequestContext
from core.sandbox.simulation.streaming import ScheduledResponse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_INPUTS = 2_048
MAX_TOTAL_TOKENS = 300_000

_PARAMETERS: dict[str, parameters.Validator] = {
    "model": String(),
    "input": parameters.skip_validation,
    "dimensions": Number(1, integer=True),
    "encoding_format": OneOf(("float", "base64")),
    "user": String(),
}


@dataclass(frozen=True, slots=True)
class _Input:
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """A valid request."""

    model: str
    family: Family
    inputs: list[_Input]
    dimensions: int
    is_base64: bool

    @property
    def tokens(self) -> int:
        return sum(item.tokens for item in self.inputs)


async def create_embeddings(request: Request) -> Response:
    context: RequestContext = request.scope["context"]
    body = await read_json(request)
    embedding_request = await run_in_threadpool(parse_request, body, request.app.state.models)
    context.admit(request.app.state.rate_limiter, embedding_request.model, embedding_request.tokens)
    pieces = await run_in_threadpool(embedding_parts, embedding_request)
    parts = fault_responses.apply_to_body(context.latency.ttft, pieces, context.fault)
    media_type = context.media_type("application/json")
    return ScheduledResponse(parts, context, media_type, immediate_headers=False)


def parse_request(body: object, catalog: ModelCatalog) -> EmbeddingRequest:
    """Validate *body*. Raises ApiError."""
    params = parameters.validate(parameters.validate_object("body", body), _PARAMETERS, ("model", "input"))
    family = catalog.models.get(params["model"])
    if family is None:
        raise model_not_found(params["model"])
    if family.kind != "embedding":
        raise ApiError(403, "You are not allowed to generate embeddings from this model")
    dimensions = params.get("dimensions", family.dimensions)
    if "dimensions" in params and not family.adjustable_dimensions:
        raise invalid_request("This model does not support specifying dimensions.")
    if dimensions > family.dimensions:
        limit = f"Must be less than or equal to {family.dimensions}."
        raise invalid_request(f"Invalid value for 'dimensions' = {dimensions}. {limit}", "dimensions")
    inputs = _parse_inputs(params["input"], family)
    is_base64 = params.get("encoding_format", "float") == "base64"
    return EmbeddingRequest(params["model"], family, inputs, dimensions, is_base64)


def embedding_parts(request: EmbeddingRequest) -> list[bytes]:
    """Return the JSON of the response in parts."""
    texts, family = [item.text for item in request.inputs], request.family
    vectors = embed(texts, family.id, family.dimensions, request.dimensions)
    usage = {"prompt_tokens": request.tokens, "total_tokens": request.tokens}
    end = {"model": request.model, "usage": usage}
    return [
        b'{"object":"list","data":[',
        *_serialize(vectors, request.is_base64),
        b"]," + orjson.dumps(end).removeprefix(b"{"),
    ]


def _serialize(vectors: "NDArray[np.float32]", is_base64: bool) -> Iterator[bytes]:
    # One vector at a time: as Python numbers, the vectors of a large request take ten times as much memory.
    for index, vector in enumerate(vectors):
        embedding = base64.b64encode(vector.astype("<f4").tobytes()).decode() if is_base64 else vector
        item = {"object": "embedding", "index": index, "embedding": embedding}
        yield (b"," if index else b"") + orjson.dumps(item, option=orjson.OPT_SERIALIZE_NUMPY)


def _parse_inputs(value: object, family: Family) -> list[_Input]:
    """Parse a text, a list of texts, a list of token ids, or a list of those. Raises ApiError."""
    items = [value] if isinstance(value, str) or _is_token_list(value) else value
    if not isinstance(items, list) or not 0 < len(items) <= MAX_INPUTS:
        raise _invalid_input()
    inputs = []
    for item in items:
        if isinstance(item, str) and item:
            inputs.append(_Input(item, len(encode(item, family.encoding))))
        elif _is_token_list(item):
            try:
                text = get_encoding(family.encoding).decode(item)
            except (KeyError, OverflowError) as exc:
                raise _invalid_input() from exc
            inputs.append(_Input(text, len(item)))
        else:
            raise _invalid_input()
        tokens = inputs[-1].tokens
        if tokens > family.max_input:
            message = (
                f"This model's maximum context length is {family.max_input} tokens, however you requested "
                f"{tokens} tokens ({tokens} in your prompt; 0 for the completion). "
                "Please reduce your prompt; or completion length."
            )
            raise invalid_request(message)
    total = sum(item.tokens for item in inputs)
    if total > MAX_TOTAL_TOKENS:
        message = f"Requested {total} tokens, max {MAX_TOTAL_TOKENS} tokens per request"
        raise ApiError(400, message, error_type="max_tokens_per_request", code="max_tokens_per_request")
    return inputs


def _is_token_list(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(token, int) and not isinstance(token, bool) for token in value)
    )


def _invalid_input() -> ApiError:
    message = (
        "'$.input' is invalid. Please check the API reference: "
        "https://platform.openai.com/docs/api-reference."
    )
    return invalid_request(message)
