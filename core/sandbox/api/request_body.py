"""Reading request bodies, up to a size limit, and refusing requests without reading their body."""

import asyncio
import contextlib
import json
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.sandbox.api.errors import ApiError, invalid_request

MAX_BODY_BYTES = 64 * 1024 * 1024
MAX_UPLOAD_BYTES = 512 * 1024 * 1024 + 64 * 1024
"""A file of the maximum size with the other fields of its form."""
MAX_HEADER_BYTES = 64 * 1024
# The client gets this many seconds to read a response before the connection is closed: closing it with data
# unread resets it, and a reset discards what is still on its way.
CLOSE_DELAY = 1.0

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
            raise request_too_large()
    try:
        return json.loads(body, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise invalid_request(_INVALID_JSON_MESSAGE) from error


def _reject_constant(name: str) -> NoReturn:
    """Reject NaN and Infinity, which Python accepts and JSON does not have."""
    raise ValueError(f"{name} is not JSON")


class _RequestTooLarge(ApiError):
    """A body that is not read to its end."""

    def to_response(self) -> JSONResponse:
        return _ClosingResponse(self.to_dict(), self.status)


class _ClosingResponse(JSONResponse):
    """A response that is sent at once, while the client may still be sending, and closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _send_and_close(super().__call__, scope, receive, send)


def request_too_large(max_bytes: int = MAX_BODY_BYTES) -> ApiError:
    limit = max_bytes // 2**20
    return _RequestTooLarge(413, f"The request is larger than {limit} MB.", code="request_too_large")


def headers_too_large() -> ApiError:
    limit = MAX_HEADER_BYTES // 2**10
    return ApiError(431, f"The request headers are larger than {limit} kB.", code="headers_too_large")


async def respond_unread(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Send *response* to a request of which nothing has been read.

    A small body is read first, which keeps the connection; with a large one, or one of unknown size, the
    response is sent at once and the connection is closed.
    """
    headers = Headers(scope=scope)
    if "transfer-encoding" in headers or int(headers.get("content-length", "0")) > MAX_BODY_BYTES:
        await _send_and_close(response, scope, receive, send)
        return
    await drain(receive)
    await response(scope, receive, send)


async def _send_and_close(response: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    async def send_without_end(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send({**message, "more_body": True} if message["type"] == "http.response.body" else message)

    await response(scope, receive, send_without_end)
    # The response is complete for the client. The server closes the connection after the last message.
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(drain(receive), CLOSE_DELAY)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def drain(receive: Receive) -> None:
    """Read and discard the rest of the body, up to the size limit."""
    size = 0
    more_body = True
    while more_body and size <= MAX_BODY_BYTES:
        message = await receive()
        size += len(message.get("body", b""))
        more_body = message["type"] == "http.request" and message.get("more_body", False)
