"""All requests at the same time."""

import asyncio
from typing import Any

from openai import AsyncOpenAI

from core.resilience.concurrency.strategies.one_request import ask_async


async def ask_all(client: AsyncOpenAI, requests: list[dict[str, Any]]) -> list[Any]:
    """Send all requests at once."""
    return await asyncio.gather(*(ask_async(client, request) for request in requests))


PARTS = (ask_async, ask_all)
