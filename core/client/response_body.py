"""The bytes and lines of a reply, up to the point where it can only be one that never ends."""

import codecs
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from core.errors.types import PlaygroundError

if TYPE_CHECKING:
    from openai import AsyncAPIResponse

# The longest reply of today's models, 128,000 tokens, is some 40 MB as chunks and 1 MB as a whole.
MAX_STREAM_BYTES = 64_000_000
MAX_BODY_BYTES = 16_000_000


async def read_bytes(response: "AsyncAPIResponse[Any]", limit: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes. Raises PlaygroundError when it goes on past *limit* bytes."""
    size = 0
    async for data in response.iter_bytes():
        size += len(data)
        if size > limit:
            raise PlaygroundError("The reply never ended", f"It was closed after {limit // 10**6} MB.")
        yield data


async def read_lines(response: "AsyncAPIResponse[Any]") -> AsyncIterator[str]:
    """Yield the lines of the body without their ends, LF or CRLF, as soon as each is whole."""
    decoder, open_line = codecs.getincrementaldecoder("utf-8")(), list[str]()
    async for data in read_bytes(response, MAX_STREAM_BYTES):
        first, *rest = decoder.decode(data).split("\n")
        open_line.append(first)
        for line in rest:
            yield "".join(open_line).removesuffix("\r")
            open_line = [line]
    if last := "".join(open_line) + decoder.decode(b"", final=True):
        yield last.removesuffix("\r")


async def read_text(response: "AsyncAPIResponse[Any]") -> str:
    """Return the whole body. Raises UnicodeDecodeError for what is not UTF-8."""
    return b"".join([data async for data in read_bytes(response, MAX_BODY_BYTES)]).decode()
