"""Read the body of a reply as lines or text. Its size is limited by `core.http.client`."""

import codecs
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from core.http.limits import ResponseTooLarge

if TYPE_CHECKING:
    from openai import AsyncAPIResponse

# A line is parsed at once, on the event loop. A server that does not really stream sends a reply as one line.
MAX_LINE_CHARACTERS = 8_000_000


async def read_lines(response: "AsyncAPIResponse[Any]") -> AsyncIterator[str]:
    """Yield each line of the body as soon as it is complete, without its line end (LF or CRLF)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    # A list of parts: appending to one long string would take quadratic time for a line of many megabytes.
    parts: list[str] = []
    size = 0
    async for data in response.iter_bytes():
        first, *rest = decoder.decode(data).split("\n")
        parts.append(first)
        size += len(first)
        if size > MAX_LINE_CHARACTERS:
            raise ResponseTooLarge(MAX_LINE_CHARACTERS)
        for line in rest:
            yield "".join(parts).removesuffix("\r")
            parts, size = [line], len(line)
    if last := "".join(parts) + decoder.decode(b"", final=True):
        yield last.removesuffix("\r")


async def read_bytes(response: "AsyncAPIResponse[Any]") -> bytes:
    """Return the whole body."""
    return b"".join([data async for data in response.iter_bytes()])
