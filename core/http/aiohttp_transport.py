"""The transport of many requests at once: aiohttp needs less processor time for each than httpx2's own.

Importing this module loads aiohttp: import it where a request is sent.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from io import BytesIO

import aiohttp
import httpx2
import yarl

from core.http.turns import loop_turns

# Beside the time-outs of the request, how fast its body is sent at least, in bytes per second.
_MIN_UPLOAD_RATE = 50_000
# From this size on, aiohttp warns that bytes sent at once block the event loop.
_STREAMED_BYTES = 2**20
# Some thirty events of a stream.
_READ_BYTES = 8_192
_AUTOMATIC_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends requests with aiohttp, without its redirects, cookies, decompression and environment.

    Raises the exceptions of httpx2. The SDK's transport of that name reports lost connections as time-outs
    of the connect, has no deadline for headers that arrive a byte at a time, and stores cookies. Create it
    in the event loop that uses it, and close it.
    """

    def __init__(self, ssl_context: ssl.SSLContext, limits: httpx2.Limits) -> None:
        connector = aiohttp.TCPConnector(
            limit=limits.max_connections or 0, keepalive_timeout=limits.keepalive_expiry, ssl=ssl_context
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_AUTOMATIC_HEADERS,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await loop_turns().wait()
        body = await request.aread()
        timeout = request.extensions.get("timeout", {})
        connect, read = timeout.get("connect"), timeout.get("read")
        has_deadline = connect is not None and read is not None
        url = request.url
        address = f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.decode('ascii')}"
        with _httpx2_errors(request):
            async with asyncio.timeout(
                connect + read + len(body) / _MIN_UPLOAD_RATE if has_deadline else None
            ):
                response = await self._session.request(
                    request.method,
                    yarl.URL(address, encoded=True),
                    headers=request.headers.multi_items(),
                    data=BytesIO(body) if len(body) >= _STREAMED_BYTES else body or None,
                    allow_redirects=False,
                    # Its `connect` includes the resolution of the name and the TLS handshake.
                    timeout=aiohttp.ClientTimeout(connect=connect, sock_read=read),
                )
        return httpx2.Response(
            response.status,
            headers=response.raw_headers,
            stream=_AiohttpBody(response, request),
            extensions={
                "http_version": b"HTTP/1.1",
                "reason_phrase": (response.reason or "").encode("ascii", "replace"),
            },
        )

    async def aclose(self) -> None:
        await self._session.close()


class _AiohttpBody(httpx2.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse, request: httpx2.Request) -> None:
        self._response = response
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        turns = loop_turns()
        with _httpx2_errors(self._request):
            while data := await self._response.content.read(_READ_BYTES):
                await turns.wait()
                yield data

    async def aclose(self) -> None:
        self._response.close()  # a body that was read to its end has returned its connection before


@contextmanager
def _httpx2_errors(request: httpx2.Request) -> Iterator[None]:
    """Raise what httpx2's own transport would."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        # aiohttp's own text of a failed connection mentions SSL whatever the reason was.
        reason = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
        raise _error_class(exc)(str(reason), request=request) from reason


def _error_class(exc: Exception) -> type[httpx2.TransportError]:
    """Return the class of httpx2 for an error of aiohttp; most of those are subclasses of several others."""
    classes: list[tuple[type[Exception], type[httpx2.TransportError]]] = [
        (aiohttp.ConnectionTimeoutError, httpx2.ConnectTimeout),
        (TimeoutError, httpx2.ReadTimeout),
        (aiohttp.ClientConnectorError, httpx2.ConnectError),
        (aiohttp.ServerDisconnectedError, httpx2.RemoteProtocolError),
        (aiohttp.ClientPayloadError, httpx2.RemoteProtocolError),
        (aiohttp.ClientResponseError, httpx2.RemoteProtocolError),
        (aiohttp.InvalidURL, httpx2.UnsupportedProtocol),
    ]
    matches = (result for error, result in classes if isinstance(exc, error))
    return next(matches, httpx2.ReadError)
