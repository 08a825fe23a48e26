"""The execution of one line, by the code of the live endpoints."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import ApiError
from core.sandbox.api.models import ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.completions.completion import create_completion, generate
from core.sandbox.completions.request import parse_request
from core.sandbox.responses import request as responses
from core.sandbox.responses.context import NO_STATE
from core.sandbox.responses.errors import own_names
from core.sandbox.responses.response import Response
from core.sandbox.routes import embeddings

_BodyAndUsage = tuple[dict[str, Any], dict[str, Any]]

_FAILURES = (
    ApiError(429, "Rate limit reached for requests.", error_type="requests", code="rate_limit_exceeded"),
    ApiError(400, "The request of this line is invalid.", code="invalid_value"),
    ApiError(500, "The server had an error while processing your request.", error_type="server_error"),
)


@dataclass(frozen=True, slots=True)
class LineResult:
    """A line of the output or the error file, and its usage with the names of Chat Completions."""

    succeeded: bool
    text: str
    usage: dict[str, Any]


def execute_line(
    text: bytes, number: int, endpoint: str, catalog: ModelCatalog, cache: PromptCache, outcome: str
) -> LineResult:
    """Return the result of the valid line *text*. Errors of the request are part of the result."""
    request = json.loads(text)
    usage: dict[str, Any] = {}
    status = 200
    try:
        if outcome == "all-fail" or (outcome == "lines-fail" and number % 5 == 0):
            raise _FAILURES[number // 5 % 3 if outcome == "lines-fail" else 2]
        body, usage = _EXECUTE[endpoint](request["body"], catalog, cache)
    except ApiError as error:
        status, body = error.status, error.to_dict()
    except Exception:  # noqa: BLE001
        # One line must not end the batch: the bug is reported where its result is expected.
        message = "The sandbox had an error. This is a bug in the sandbox, not in your code."
        status, body = 500, ApiError(500, message, error_type="server_error").to_dict()
    response = {"status_code": status, "request_id": f"req_{secrets.token_hex(16)}", "body": body}
    return LineResult(status == 200, _to_line(request["custom_id"], response, None), usage)


def _complete(body: Any, catalog: ModelCatalog, cache: PromptCache) -> _BodyAndUsage:
    request = parse_request(body, catalog)
    generation = generate(request, 0, cache)
    return create_completion(request, generation).to_dict(), generation.usage.to_dict()


def _respond(body: Any, catalog: ModelCatalog, cache: PromptCache) -> _BodyAndUsage:
    # A line cannot refer to what a client has stored: it may be executed in another process.
    request = responses.parse_request(body, catalog, NO_STATE)
    with own_names():
        generation = generate(request.generation, 0, cache)
    return Response.create(request, generation).to_dict(), generation.usage.to_dict()


def _embed(body: Any, catalog: ModelCatalog, _cache: PromptCache) -> _BodyAndUsage:
    parts = embeddings.embedding_parts(embeddings.parse_request(body, catalog))
    result = json.loads(b"".join(parts))
    return result, result["usage"]


_EXECUTE: Mapping[str, Callable[[Any, ModelCatalog, PromptCache], _BodyAndUsage]] = {
    "/v1/chat/completions": _complete,
    "/v1/responses": _respond,
    "/v1/embeddings": _embed,
}


def unexecuted_line(text: bytes, status: str) -> str:
    """Return the line of the error file for a line that was not executed before the batch ended."""
    message = {
        "expired": "This request could not be executed before the completion window expired.",
        "cancelled": "This request was not executed because the batch was cancelled.",
    }[status]
    return _to_line(json.loads(text)["custom_id"], None, {"code": f"batch_{status}", "message": message})


def _to_line(custom_id: object, response: dict[str, Any] | None, error: dict[str, str] | None) -> str:
    line = {
        "id": f"batch_req_{secrets.token_hex(12)}",
        "custom_id": custom_id,
        "response": response,
        "error": error,
    }
    # Escapes of lone surrogates, which a custom_id may have, stay escapes.
    return json.dumps(line, separators=(",", ":"))
