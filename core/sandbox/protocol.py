"""HTTP connections: uvicorn's parsers, with limits and with the error responses of the API."""

import asyncio
import json
import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from uvicorn.protocols.http.h11_impl import H11Protocol

from core.sandbox.api.errors import ApiError, invalid_request
from core.sandbox.api.request_body import CLOSE_DELAY, MAX_HEADER_BYTES, headers_too_large

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class H11ApiProtocol(H11Protocol):
    """The parser in Python, for systems without httptools."""

    _refused = False

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        self._refused = True
        unparsed, _ = self.conn.trailing_data
        _send_error(self, headers_too_large() if len(unparsed) > MAX_HEADER_BYTES else invalid_request(msg))


def protocol_class() -> type[asyncio.Protocol]:
    """Return the protocol of the fastest parser that is installed."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
    except ImportError:
        return H11ApiProtocol

    class HttpToolsApiProtocol(HttpToolsProtocol):
        """The parser in C."""

        _refused = False
        _in_headers = False
        _header_bytes = 0

        def data_received(self, data: bytes) -> None:
            if self._refused:
                return
            was_in_headers = self._in_headers
            super().data_received(data)
            # The parser itself has no limit. What comes in one piece is limited by the middleware.
            self._header_bytes = self._header_bytes + len(data) if was_in_headers else 0
            if self._in_headers and self._header_bytes > MAX_HEADER_BYTES:
                self._refused = True
                _send_error(self, headers_too_large())

        def send_400_response(self, msg: str) -> None:
            self._refused = True
            _send_error(self, invalid_request(msg))

        def on_message_begin(self) -> None:
            self._in_headers = True
            super().on_message_begin()

        def on_headers_complete(self) -> None:
            self._in_headers = False
            super().on_headers_complete()

    return HttpToolsApiProtocol


def _send_error(protocol: "H11Protocol | HttpToolsProtocol", error: ApiError) -> None:
    """Send *error* for a request that cannot be parsed, and close the connection."""
    transport, cycle = protocol.transport, protocol.cycle
    if cycle is not None and not cycle.response_complete:
        # The application waits for the rest of this request, and must not send a response of its own.
        cycle.disconnected = True
        cycle.message_event.set()
        if cycle.response_started:
            transport.abort()
            return
    body = json.dumps(error.to_dict()).encode()
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n"
        f"x-sandbox: 1\r\nx-request-id: req_{secrets.token_hex(16)}\r\n\r\n"
    )
    transport.write(head.encode() + body)
    if transport.can_write_eof():
        transport.write_eof()
    protocol.flow.resume_reading()
    # Closing the connection at once, with data unread, could discard the response before the client reads it.
    protocol.loop.call_later(CLOSE_DELAY, transport.abort)
