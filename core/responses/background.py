"""A response that the server generates in the background: polled until it ends, and cancelled there."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openai import AsyncOpenAI

UNFINISHED = ("queued", "in_progress")
POLL_INTERVAL = 1.0
_CANCEL_TIMEOUT = 3.0


async def cancel_response(client: "AsyncOpenAI", response_id: str) -> None:
    """Cancel a response, as far as the server can be reached: a stopped call cannot wait for longer."""
    from openai import OpenAIError

    with suppress(OpenAIError, TimeoutError):
        async with asyncio.timeout(_CANCEL_TIMEOUT):
            await client.responses.cancel(response_id)
