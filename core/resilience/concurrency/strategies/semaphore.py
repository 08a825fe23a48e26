"""A fixed number of requests at the same time."""

import asyncio
from typing import Any

from openai import AsyncOpenAI

from core.resilience.concurrency.strategies.one_request import ask_async


async def ask_all(client: AsyncOpenAI, requests: list[dict[str, Any]], limit: int) -> list[Any]:
    """Send at most *limit* requests at the same time."""
    semaphore = asyncio.Semaphore(limit)

    async def ask_in_turn(request: dict[str, Any]) -> Any:
        async with semaphore:
            return await ask_async(client, request)

    return await asyncio.gather(*(ask_in_turn(request) for request in requests))


PARTS = (ask_async, ask_all)
