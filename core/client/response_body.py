"""Read the body of a reply as bytes, lines or text, up to a limit: some servers send without end."""

import codecs
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from core.errors.types import PlaygroundError

if TYPE_CHECKING:
    from openai import AsyncAPIResponse

# The longest reply of today's models, 128,000 tokens, is about 40 MB as a stream and 1 MB as one body.
MAX_STREAM_BYTES = 64_000_000
MAX_BODY_BYTES = 16_000_000


async def read_bytes(response: "AsyncAPIResponse[Any]", limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it arrives. Raises PlaygroundError when it exceeds *limit* bytes."""
    size = 0
    async for data in response.iter_bytes():
        size += len(data)
        if size > limit:
            megabytes = limit // 10**6
            raise PlaygroundError(
                "The reply exceeds the size limit", f"The connection was closed after {megabytes} MB."
            )
        yield data


async def read_lines(response: "AsyncAPIResponse[Any]") -> AsyncIterator[str]:
    """Yield each line of the body as soon as it is complete, without its line end (LF or CRLF)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    # A list of parts: appending to one long string would take quadratic time for a line of many megabytes.
    parts: list[str] = []
    async for data in read_bytes(response, MAX_STREAM_BYTES):
        first, *rest = decoder.decode(data).split("\n")
        parts.append(first)
        for line in rest:
            yield "".join(parts).removesuffix("\r")
            parts = [line]
    if last := "".join(parts) + decoder.decode(b"", final=True):
        yield last.removesuffix("\r")


async def read_text(response: "AsyncAPIResponse[Any]") -> str:
    """Return the whole body. Raises UnicodeDecodeError if it is not UTF-8."""
    return b"".join([data async for data in read_bytes(response, MAX_BODY_BYTES)]).decode()
