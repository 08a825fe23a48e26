"""One request after the other."""

from typing import Any

from openai import AsyncOpenAI

from core.resilience.concurrency.strategies.one_request import ask_async


async def ask_all(client: AsyncOpenAI, requests: list[dict[str, Any]]) -> list[Any]:
    """Send each request after the reply to the one before."""
    return [await ask_async(client, request) for request in requests]


PARTS = (ask_async, ask_all)
