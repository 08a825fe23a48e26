"""As many requests at the same time as the server accepts: what the runner of this app does, as a script."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import openai
from openai import AsyncOpenAI


class AdaptiveLimit:
    """How many requests run at the same time: one more after each reply, half as many after a refusal."""

    def __init__(self) -> None:
        self.limit, self.running, self.paused_until = 4.0, 0, 0.0
        self.turn = asyncio.Lock()

    async def acquire(self) -> None:
        async with self.turn:
            while self.running >= int(self.limit) or time.monotonic() < self.paused_until:
                await asyncio.sleep(0.01)
            self.running += 1

    def accept(self, headers: Mapping[str, str]) -> None:
        """Allow one more, and pause before the requests that are running exhaust the limit of the server."""
        self.limit += 1
        per_minute = headers.get("x-ratelimit-limit-requests")
        missing = self.running - float(headers.get("x-ratelimit-remaining-requests", "inf"))
        if per_minute and missing >= 0:
            self.pause((missing + 1) * 60 / float(per_minute))

    def refuse(self, headers: Mapping[str, str]) -> None:
        self.limit = max(1.0, self.limit / 2)
        self.pause(float(headers.get("retry-after", 1)))

    def pause(self, seconds: float) -> None:
        self.paused_until = max(self.paused_until, time.monotonic() + seconds)


async def ask_within(limit: AdaptiveLimit, client: AsyncOpenAI, request: dict[str, Any]) -> Any:
    """Return the completion, or the error: that of an overloaded server only after eight retries."""
    retries = 8
    while True:
        await limit.acquire()
        try:
            response = await client.chat.completions.with_raw_response.create(**request)
            limit.accept(response.headers)
            return response.parse()
        except openai.APIStatusError as error:
            is_overload = error.status_code in (429, 503) and error.code != "insufficient_quota"
            if not is_overload or not retries:
                return error
            retries -= 1
            limit.refuse(error.response.headers)
        except openai.OpenAIError as error:
            return error
        finally:
            limit.running -= 1


async def ask_all(client: AsyncOpenAI, requests: list[dict[str, Any]]) -> list[Any]:
    """Send as many requests at the same time as the server accepts."""
    limit, client = AdaptiveLimit(), client.with_options(max_retries=0)
    return await asyncio.gather(*(ask_within(limit, client, request) for request in requests))


PARTS = (AdaptiveLimit, ask_within, ask_all)
