"""How much of a response is read at most; a call that expects more says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from core.errors.types import PlaygroundError

MAX_ERROR_BYTES = 64_000
# The largest lists of models, with descriptions, are about half as long.
MAX_LIST_BYTES = 2_000_000
# The longest reply of today's models, 128,000 tokens, is about 40 MB as a stream and 1 MB as one body.
MAX_STREAM_BYTES = 64_000_000
MAX_BODY_BYTES = 16_000_000


class ResponseTooLarge(PlaygroundError):
    """The server sent more than the limit of the call, and the connection was closed."""

    def __init__(self, limit: int) -> None:
        size = f"{limit // 10**6} MB" if limit >= 10**6 else f"{limit // 1000} kB"
        super().__init__("The reply exceeds the size limit", f"The connection was closed after {size}.")


class CompressedResponse(PlaygroundError):
    """The body is compressed although that was not requested: a small one can decompress to gigabytes."""

    def __init__(self, encoding: str) -> None:
        super().__init__(
            f"The server sent a compressed reply ({encoding[:40]}), which was not requested",
            "The app requests uncompressed replies only. Turn off compression on the server or its proxy.",
        )


@dataclass(frozen=True, slots=True)
class ResponseLimits:
    """The largest body in bytes, and the largest event stream; the limit of errors is always the same.

    The default is for the replies that the SDK parses by itself: it builds an object for each of their
    values, on the event loop.
    """

    body: int = 256_000
    stream: int = 256_000


REPLY_LIMITS = ResponseLimits(MAX_BODY_BYTES, MAX_BODY_BYTES)
STREAMED_REPLY_LIMITS = ResponseLimits(MAX_BODY_BYTES, MAX_STREAM_BYTES)
LIST_LIMITS = ResponseLimits(MAX_LIST_BYTES)

_DEFAULT_LIMITS = ResponseLimits()

_limits: ContextVar[ResponseLimits] = ContextVar("response_limits", default=_DEFAULT_LIMITS)


def current_limits() -> ResponseLimits:
    """Return the limits of a request that is sent now."""
    return _limits.get()


@contextmanager
def response_limits(limits: ResponseLimits) -> Iterator[None]:
    """Set the limits of the requests that are sent within the block."""
    token = _limits.set(limits)
    try:
        yield
    finally:
        _limits.reset(token)
