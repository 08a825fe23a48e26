"""All requests as one batch, at half the price, with results within 24 hours."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import openai
from openai import AsyncOpenAI
from openai.types import Batch
from openai.types.chat import ChatCompletion


class BatchRequestError(openai.OpenAIError):
    """A request of a batch has no completion."""


async def ask_all(
    client: AsyncOpenAI, requests: list[dict[str, Any]], on_change: Callable[[Batch], object]
) -> list[Any]:
    """Submit a batch, wait for its end, and return a completion or an error for each request."""
    lines = [
        json.dumps({"custom_id": str(number), "method": "POST", "url": "/v1/chat/completions", "body": body})
        for number, body in enumerate(requests)
    ]
    file = await client.files.create(file=("requests.jsonl", "\n".join(lines).encode()), purpose="batch")
    batch = await client.batches.create(
        input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"
    )
    pause = 0.5
    try:
        while batch.status not in ("completed", "failed", "expired", "cancelled"):
            on_change(batch)
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, 60.0)
            batch = await client.batches.retrieve(batch.id)
    except asyncio.CancelledError:
        with suppress(openai.OpenAIError):  # it may just have ended
            await client.batches.cancel(batch.id)
        raise
    on_change(batch)
    return await read_results(client, batch, len(requests))


async def read_results(client: AsyncOpenAI, batch: Batch, count: int) -> list[Any]:
    """Put the results, which two files contain in any order, into the order of the requests."""
    problems = [f": {error.message}" for error in (batch.errors and batch.errors.data) or []]
    results: list[Any] = [BatchRequestError(f"Batch {batch.status}{''.join(problems[:1])}")] * count
    for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
        content = await client.files.content(file_id)
        for line in map(json.loads, content.content.splitlines()):
            response = line["response"] or {"status_code": 0, "body": line}
            results[int(line["custom_id"])] = (
                ChatCompletion.model_validate(response["body"])
                if response["status_code"] == 200
                else BatchRequestError(response["body"]["error"]["message"])
            )
    return results


PARTS = (BatchRequestError, ask_all, read_results)
