"""Read a reply: as most code does, and with a check that it is complete."""

from typing import Any

from openai import AsyncStream, Stream
from openai.types.chat import ChatCompletion


def read_reply(response: Any) -> str:
    """Return the text of a completion or of a stream."""
    if not isinstance(response, Stream):
        return response.choices[0].message.content or ""
    return "".join(chunk.choices[0].delta.content or "" for chunk in response if chunk.choices)


async def read_reply_async(response: Any) -> str:
    """Return the text of a completion or of a stream."""
    if not isinstance(response, AsyncStream):
        return response.choices[0].message.content or ""
    return "".join([chunk.choices[0].delta.content or "" async for chunk in response if chunk.choices])


class IncompleteReply(Exception):
    """The response has no finish reason: it was cut, or is not a completion."""


def read_complete_reply(response: Any) -> str:
    """Return the text of a completion or of a stream; raise IncompleteReply if its end is missing."""
    if isinstance(response, ChatCompletion):
        return response.choices[0].message.content or ""
    if not isinstance(response, Stream):
        raise IncompleteReply("not a completion")
    parts, finish_reason = [], None
    for chunk in response:
        for choice in chunk.choices or ():
            parts.append(choice.delta.content or "")
            finish_reason = choice.finish_reason or finish_reason
    if finish_reason is None:
        raise IncompleteReply("no finish reason")
    return "".join(parts)


async def read_complete_reply_async(response: Any) -> str:
    """Return the text of a completion or of a stream; raise IncompleteReply if its end is missing."""
    if isinstance(response, ChatCompletion):
        return response.choices[0].message.content or ""
    if not isinstance(response, AsyncStream):
        raise IncompleteReply("not a completion")
    parts, finish_reason = [], None
    async for chunk in response:
        for choice in chunk.choices or ():
            parts.append(choice.delta.content or "")
            finish_reason = choice.finish_reason or finish_reason
    if finish_reason is None:
        raise IncompleteReply("no finish reason")
    return "".join(parts)
