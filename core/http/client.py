"""The HTTP client of every request, which bounds the size and duration of each body.

Importing this module loads httpx2: import it where a request is sent.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, cast

import httpx2

from core.http.limits import (
    MAX_ERROR_BYTES,
    CompressedResponse,
    ResponseTooLarge,
    current_limits,
)

# Headers that take longer than the read timeout arrive a byte at a time. httpx2 itself notices silence.
_GRACE = 0.5
# Seconds in which the body of an error is read: its status and headers are what matters.
_ERROR_TIMEOUT = 5.0
# A body of which less than this arrives within the read timeout is sent a byte at a time, or is blanks that
# keep the connection open.
_MIN_CONTENT_BYTES = 1_000


class BoundedHttpClient(httpx2.AsyncClient):
    """Reads at most what `current_limits` allows of a body, and at most `MAX_ERROR_BYTES` of an error's.

    Every request is sent as a stream, so that nothing reads a body but the readers of this module. Raises
    ResponseTooLarge, CompressedResponse, and httpx2.ReadTimeout if a body makes no progress.
    """

    async def send(self, request: httpx2.Request, *, stream: bool = False, **options: Any) -> httpx2.Response:
        response = await self._receive_headers(request, options)
        try:
            # Not the charset of the response: some codecs of Python decompress, or take quadratic time.
            response.encoding = "utf-8"
            encoding = response.headers.pop("content-encoding", "identity").strip().lower()
            if response.is_success:
                if encoding not in ("", "identity"):
                    raise CompressedResponse(encoding)
                response.stream = _SuccessBody(response, request)
                if not stream:
                    await response.aread()
            else:
                await _replace_error_body(response, encoding)
        except BaseException:
            await response.aclose()
            raise
        return response

    async def _receive_headers(self, request: httpx2.Request, options: dict[str, Any]) -> httpx2.Response:
        try:
            async with asyncio.timeout(None) as deadline:

                async def on_event(name: str, _info: object) -> None:
                    seconds = _read_timeout(request)
                    if seconds is not None and name.endswith("receive_response_headers.started"):
                        deadline.reschedule(asyncio.get_running_loop().time() + seconds + _GRACE)

                request.extensions = {**request.extensions, "trace": on_event}
                return await super().send(request, stream=True, **options)
        except TimeoutError:
            raise httpx2.ReadTimeout("The headers took too long", request=request) from None


class _SuccessBody(httpx2.AsyncByteStream):
    """The body of a response, up to the limit of its request."""

    def __init__(self, response: httpx2.Response, request: httpx2.Request) -> None:
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        self._stream = response.stream
        self._request = request
        limits = current_limits()
        content_type = response.headers.get("content-type", "")
        # Some servers and proxies label the requested stream as plain text.
        is_stream = "event-stream" in content_type or "text/plain" in content_type
        self._limit = limits.stream if is_stream else limits.body
        # Events are slow by nature: who parses them knows whether they have content.
        self._timeout = None if "event-stream" in content_type else _read_timeout(request)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = content = 0
        clock = asyncio.get_running_loop().time
        started = clock()
        async with _parts(self._stream) as parts:
            async for data in parts:
                size += len(data)
                if size > self._limit:
                    raise ResponseTooLarge(self._limit)
                content += len(data.translate(None, b" \t\r\n"))
                if self._timeout is not None and clock() - started > self._timeout:
                    if content < _MIN_CONTENT_BYTES:
                        raise httpx2.ReadTimeout("The body took too long", request=self._request)
                    content, started = 0, clock()
                yield data

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _replace_error_body(response: httpx2.Response, encoding: str) -> None:
    """Read the beginning of the body of an error, and close the connection if there is more."""
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    body = bytearray()
    if encoding not in ("", "identity"):
        body += f"The body is compressed ({encoding[:40]}), which was not requested: not read.".encode()
    else:
        # An error whose body breaks off is still an error with a status.
        with suppress(TimeoutError, httpx2.TransportError):
            seconds = min(_ERROR_TIMEOUT, _read_timeout(response.request) or _ERROR_TIMEOUT)
            async with asyncio.timeout(seconds), _parts(stream) as parts:
                async for data in parts:
                    body += data[: MAX_ERROR_BYTES - len(body)]
                    if len(body) >= MAX_ERROR_BYTES:
                        break
    await stream.aclose()
    response.stream = httpx2.ByteStream(bytes(body))
    await response.aread()


def _parts(stream: httpx2.AsyncByteStream) -> aclosing[AsyncGenerator[bytes, None]]:
    return aclosing(cast(AsyncGenerator[bytes, None], aiter(stream)))


def _read_timeout(request: httpx2.Request) -> float | None:
    timeout: float | None = request.extensions.get("timeout", {}).get("read")
    return timeout
