"""Reading request bodies, up to a size limit."""

import json
from typing import Any

from starlette.requests import Request
from starlette.types import Receive

from core.sandbox.api.errors import ApiError, invalid_request

MAX_BODY_BYTES = 64 * 1024 * 1024
_MAX_DRAINED_BYTES = 512 * 1024 * 1024

_INVALID_JSON_MESSAGE = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The API expects a JSON payload, but what was sent was not valid JSON.)"
)


async def read_json(request: Request) -> Any:
    """Parse the body as JSON. Raises ApiError for another content type, a body too large, or invalid JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        await drain(request.receive)
        message = "Unsupported Content-Type. Send the body as 'Content-Type: application/json'."
        raise ApiError(415, message, code="unsupported_content_type")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        # A chunked request has no Content-Length that the middleware could have checked.
        if len(body) > MAX_BODY_BYTES:
            await drain(request.receive)
            raise request_too_large()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid_request(_INVALID_JSON_MESSAGE) from error


def request_too_large() -> ApiError:
    limit = MAX_BODY_BYTES // 2**20
    return ApiError(413, f"The request is larger than {limit} MB.", code="request_too_large")


async def drain(receive: Receive) -> None:
    """Read the rest of a rejected body, so that the client gets the error response and not a reset."""
    size = 0
    more_body = True
    while more_body and size < _MAX_DRAINED_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        more_body = message["type"] == "http.request" and message.get("more_body", False)
