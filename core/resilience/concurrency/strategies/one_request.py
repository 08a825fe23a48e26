"""One request of many: its error must not end the others."""

from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI


async def ask_async(client: AsyncOpenAI, request: dict[str, Any]) -> Any:
    """Return the completion, or the error that is left after the retries of the SDK."""
    try:
        return await client.chat.completions.create(**request)
    except openai.OpenAIError as error:
        return error


def ask(client: OpenAI, request: dict[str, Any]) -> Any:
    """Return the completion, or the error that is left after the retries of the SDK."""
    try:
        return client.chat.completions.create(**request)
    except openai.OpenAIError as error:
        return error
