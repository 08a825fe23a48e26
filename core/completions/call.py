"""The chat completions endpoint: one call, streamed or not."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from core.completions.stream_parser import MAX_CHOICES, CompletionAccumulator
from core.generation.call import GenerationCall

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI


class ChatCompletionCall(GenerationCall):
    """One call of `chat.completions.create`, streamed or not."""

    endpoint: ClassVar[str] = "chat.completions.create"
    noun: ClassVar[str] = "chat completion"

    def __init__(self) -> None:
        self._completion = CompletionAccumulator()
        super().__init__(self._completion)

    def open_response(
        self, client: "AsyncOpenAI", params: dict[str, Any]
    ) -> "AbstractAsyncContextManager[AsyncAPIResponse[Any]]":
        self._completion.max_choices = _requested_choices(params)
        arguments = _with_messages_as_they_are(params)
        return client.chat.completions.with_streaming_response.create(**arguments)

    @staticmethod
    def chat_params(params: dict[str, Any]) -> dict[str, Any]:
        return params


def _with_messages_as_they_are(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments for the same request, whose messages the SDK does not inspect.

    It would look for values to convert in each of them, of which they have none: 6 ms for 50 messages, before
    the request is sent.
    """
    extra_body = {**(params.get("extra_body") or {}), "messages": params["messages"]}
    return {**params, "messages": [], "extra_body": extra_body}


def _requested_choices(params: Mapping[str, Any]) -> int:
    """Return the parameter `n`, which the user may have set to anything."""
    n = params.get("n")
    return n if isinstance(n, int) and 1 <= n <= MAX_CHOICES else 1
