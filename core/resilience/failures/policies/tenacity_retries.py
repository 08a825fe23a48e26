"""Retries with tenacity that read Retry-After, check the end of a reply, and give up on hopeless errors."""

import json
from typing import Any

import openai
from openai import AsyncOpenAI, OpenAI
from tenacity import RetryCallState, retry, retry_if_exception, stop_after_attempt, wait_random_exponential

from core.resilience.failures.policies.replies import (
    IncompleteReply,
    read_complete_reply,
    read_complete_reply_async,
)


def is_temporary(error: BaseException) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, openai.APIStatusError):
        has_quota = error.code != "insufficient_quota"
        return has_quota and (error.status_code in (408, 409, 429) or error.status_code >= 500)
    return isinstance(error, openai.APIError | IncompleteReply | json.JSONDecodeError)


def wait_as_asked(state: RetryCallState) -> float:
    """Return the seconds that the server asks for, a minute at most, else a random back-off."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, openai.APIStatusError) and "retry-after" in error.response.headers:
        return min(float(error.response.headers["retry-after"]), 60)
    return wait_random_exponential(multiplier=0.5, max=8)(state)


@retry(retry=retry_if_exception(is_temporary), wait=wait_as_asked, stop=stop_after_attempt(4), reraise=True)
def ask(client: OpenAI, request: dict[str, Any]) -> str:
    """Retry temporary errors up to three times, also those within a reply."""
    client = client.with_options(max_retries=0)
    return read_complete_reply(client.chat.completions.create(**request))


@retry(retry=retry_if_exception(is_temporary), wait=wait_as_asked, stop=stop_after_attempt(4), reraise=True)
async def ask_async(client: AsyncOpenAI, request: dict[str, Any]) -> str:
    """Retry temporary errors up to three times, also those within a reply."""
    client = client.with_options(max_retries=0)
    return await read_complete_reply_async(await client.chat.completions.create(**request))


SYNC = (IncompleteReply, read_complete_reply, is_temporary, wait_as_asked, ask)
ASYNC = (IncompleteReply, read_complete_reply_async, is_temporary, wait_as_asked, ask_async)
