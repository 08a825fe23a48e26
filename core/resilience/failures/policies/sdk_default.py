"""The retries of the SDK, as they are if nothing is configured."""

from typing import Any

from openai import AsyncOpenAI, OpenAI

from core.resilience.failures.policies.replies import read_reply, read_reply_async


def ask(client: OpenAI, request: dict[str, Any]) -> str:
    """Let the SDK retry, twice by default (max_retries=2)."""
    return read_reply(client.chat.completions.create(**request))


async def ask_async(client: AsyncOpenAI, request: dict[str, Any]) -> str:
    """Let the SDK retry, twice by default (max_retries=2)."""
    return await read_reply_async(await client.chat.completions.create(**request))


SYNC = (read_reply, ask)
ASYNC = (read_reply_async, ask_async)
