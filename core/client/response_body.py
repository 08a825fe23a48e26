"""Read the body of a reply as lines or text. Its size is limited by `core.http.client`."""

import codecs
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from core.http.limits import ResponseTooLarge

if TYPE_CHECKING:
    from openai import AsyncAPIResponse

# A server that does not really stream sends the whole reply as one line: 1 MB for the longest ones.
MAX_LINE_CHARACTERS = 4_000_000


async def read_lines(response: "AsyncAPIResponse[Any]") -> AsyncIterator[str]:
    """Yield each line of the body as soon as it is complete, without its line end (LF or CRLF).

    Raises ResponseTooLarge for a line without end, and UnicodeDecodeError after the lines before it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    # A list of parts: appending to one long string would take quadratic time for a line of many megabytes.
    parts: list[str] = []
    size = 0
    async for data in response.iter_bytes():
        error = None
        try:
            text = decoder.decode(data)
        except UnicodeDecodeError as exc:
            text, error = exc.object[: exc.start].decode(), exc
        first, *rest = text.split("\n")
        parts.append(first)
        size += len(first)
        if size > MAX_LINE_CHARACTERS:
            raise ResponseTooLarge(MAX_LINE_CHARACTERS)
        for line in rest:
            yield "".join(parts).removesuffix("\r")
            parts, size = [line], len(line)
        if error:
            raise error
    if last := "".join(parts) + decoder.decode(b"", final=True):
        yield last.removesuffix("\r")


async def read_bytes(response: "AsyncAPIResponse[Any]") -> bytes:
    """Return the whole body."""
    return b"".join([data async for data in response.iter_bytes()])
