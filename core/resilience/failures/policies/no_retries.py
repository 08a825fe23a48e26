"""No retries at all."""

from typing import Any

from openai import AsyncOpenAI, OpenAI

from core.resilience.failures.policies.replies import read_reply, read_reply_async


def ask(client: OpenAI, request: dict[str, Any]) -> str:
    """Send the request once."""
    return read_reply(client.with_options(max_retries=0).chat.completions.create(**request))


async def ask_async(client: AsyncOpenAI, request: dict[str, Any]) -> str:
    """Send the request once."""
    return await read_reply_async(await client.with_options(max_retries=0).chat.completions.create(**request))


SYNC = (read_reply, ask)
ASYNC = (read_reply_async, ask_async)
