"""Exponential back-off as in tutorials: every error is retried, and Retry-After is not read."""

import asyncio
import random
import time
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI

from core.resilience.failures.policies.replies import read_reply, read_reply_async


def ask(client: OpenAI, request: dict[str, Any]) -> str:
    """Retry three times, after 1, 2 and 4 seconds plus up to one second of jitter."""
    client = client.with_options(max_retries=0)
    for attempt in range(3):
        try:
            return read_reply(client.chat.completions.create(**request))
        except openai.OpenAIError:
            time.sleep(2**attempt + random.random())
    return read_reply(client.chat.completions.create(**request))


async def ask_async(client: AsyncOpenAI, request: dict[str, Any]) -> str:
    """Retry three times, after 1, 2 and 4 seconds plus up to one second of jitter."""
    client = client.with_options(max_retries=0)
    for attempt in range(3):
        try:
            return await read_reply_async(await client.chat.completions.create(**request))
        except openai.OpenAIError:
            await asyncio.sleep(2**attempt + random.random())
    return await read_reply_async(await client.chat.completions.create(**request))


SYNC = (read_reply, ask)
ASYNC = (read_reply_async, ask_async)
