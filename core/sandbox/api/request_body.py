"""Reading request bodies, with bounds."""

import json
from typing import Any

from starlette.requests import Request
from starlette.types import Receive

from core.sandbox.api.errors import ApiError, invalid_request

MAX_BODY_BYTES = 64 * 1024 * 1024
_MOST_DRAINED = 512 * 1024 * 1024

_NOT_JSON = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The API expects a JSON payload, but what was sent was not valid JSON.)"
)


async def read_json(request: Request) -> Any:
    """Read the body as JSON. Raises ApiProblem when it is of another type, too large, or not JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        await drain(request.receive)
        message = "Unsupported Content-Type. Send the body as 'Content-Type: application/json'."
        raise ApiError(415, message, code="unsupported_content_type")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            await drain(request.receive)
            raise request_too_large()
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise invalid_request(_NOT_JSON) from error


def request_too_large() -> ApiError:
    return ApiError(
        413, f"The request is larger than {MAX_BODY_BYTES // 2**20} MB.", code="request_too_large"
    )


async def drain(receive: Receive) -> None:
    """Read a refused body to its end: a client still sending would otherwise see a reset, not the answer."""
    size = 0
    more = True
    while more and size < _MOST_DRAINED:
        message = await receive()
        size += len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
