"""`/v1/embeddings`."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from core.sandbox.api import parameters
from core.sandbox.api.errors import ApiError, invalid_request, invalid_type
from core.sandbox.api.model_rules import model_not_found
from core.sandbox.api.models import Family, ModelCatalog
from core.sandbox.api.parameters import Number, OneOf, String
from core.sandbox.api.request_body import read_json
from core.sandbox.api.tokenizer import encode, get_encoding
from core.sandbox.embeddings import embeddings
from core.sandbox.simulation import fault_responses
from core.sandbox.simulation.auth_middleware import RequestContext
from core.sandbox.simulation.streaming import ScheduledResponse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_INPUTS = 2_048
MAX_TOTAL_TOKENS = 300_000

_TABLE: dict[str, parameters.Validator] = {
    "model": String(),
    "input": lambda _param, _value: None,
    "dimensions": Number(1, integer=True),
    "encoding_format": OneOf(("float", "base64")),
    "user": String(),
}


@dataclass(frozen=True, slots=True)
class _Input:
    """One text to embed, and how many tokens it is."""

    text: str
    tokens: int


async def create_embeddings(request: Request) -> Response:
    exchange: RequestContext = request.scope["exchange"]
    body = await read_json(request)
    answer = await run_in_threadpool(_answer, body, request.app.state.models)
    steps = fault_responses.apply_to_body((exchange.latency.ttft, answer), exchange.fault)
    odd = exchange.fault is not None and exchange.fault.fault_type.name == "content-type"
    return ScheduledResponse(
        steps, exchange, "text/plain" if odd else "application/json", immediate_headers=False
    )


def _answer(body: object, catalogue: ModelCatalog) -> bytes:
    if not isinstance(body, dict):
        raise invalid_type("body", "an object", body)
    params = parameters.validate(body, _TABLE, ("model", "input"))
    family = _family_of(params["model"], catalogue)
    dimensions = _dimensions(params, family)
    inputs = _inputs(params["input"], family)
    vectors = embeddings.embed([one.text for one in inputs], family.id, family.dimensions, dimensions)
    tokens = sum(one.tokens for one in inputs)
    reply = {
        "object": "list",
        "data": _data(vectors, params.get("encoding_format", "float")),
        "model": params["model"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }
    return json.dumps(reply, separators=(",", ":")).encode()


def _family_of(model: str, catalogue: ModelCatalog) -> Family:
    family = catalogue.models.get(model)
    if family is None:
        raise model_not_found(model)
    if family.kind != "embedding":
        raise ApiError(403, "You are not allowed to generate embeddings from this model")
    return family


def _dimensions(params: dict[str, Any], family: Family) -> int:
    asked: int | None = params.get("dimensions")
    if asked is None:
        return family.dimensions
    if not family.adjustable_dimensions:
        raise invalid_request("This model does not support specifying dimensions.")
    if asked > family.dimensions:
        message = (
            f"Invalid value for 'dimensions' = {asked}. Must be less than or equal to {family.dimensions}."
        )
        raise invalid_request(message, "dimensions")
    return asked


def _inputs(value: object, family: Family) -> list[_Input]:
    """Read a text, a list of texts, token ids, or a list of those. Raises ApiProblem."""
    items = [value] if isinstance(value, str) or _are_tokens(value) else value
    if not isinstance(items, list) or not 0 < len(items) <= MAX_INPUTS:
        raise _invalid_input()
    found = [_input(item, family) for item in items]
    total = sum(one.tokens for one in found)
    if total > MAX_TOTAL_TOKENS:
        message = f"Requested {total} tokens, max {MAX_TOTAL_TOKENS} tokens per request"
        raise ApiError(400, message, error_type="max_tokens_per_request", code="max_tokens_per_request")
    return found


def _input(item: object, family: Family) -> _Input:
    if isinstance(item, str) and item:
        text, tokens = item, len(encode(item, family.encoding))
    elif isinstance(item, list) and item and _are_tokens(item):
        text, tokens = _decode(item, family), len(item)
    else:
        raise _invalid_input()
    if tokens > family.max_input:
        message = (
            f"This model's maximum context length is {family.max_input} tokens, however you requested "
            f"{tokens} tokens ({tokens} in your prompt; 0 for the completion). Please reduce your prompt; or "
            "completion length."
        )
        raise invalid_request(message)
    return _Input(text, tokens)


def _are_tokens(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(token, int) and not isinstance(token, bool) for token in value)
    )


def _decode(tokens: list[int], family: Family) -> str:
    try:
        return get_encoding(family.encoding).decode(tokens)
    except (KeyError, OverflowError) as error:
        raise _invalid_input() from error


def _invalid_input() -> ApiError:
    message = (
        "'$.input' is invalid. Please check the API reference: "
        "https://platform.openai.com/docs/api-reference."
    )
    return invalid_request(message)


def _data(vectors: "NDArray[np.float32]", form: str) -> Sequence[dict[str, Any]]:
    rows = (
        (base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors)
        if form == "base64"
        else vectors.tolist()
    )
    return [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
