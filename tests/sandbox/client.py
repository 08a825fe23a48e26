"""Helpers to send chat completion requests to the sandbox with the SDK."""

from dataclasses import dataclass
from typing import Any

from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

CHAT_MODEL = "gpt-4o-mini"
REASONING_MODEL = "gpt-6-luna"
DEFAULT_SETTINGS = {
    "latency": "instant",
    "faults": [],
    "seed": 0,
    "requests_per_minute": None,
    "tokens_per_minute": None,
    "batch_speed": None,
    "batch_outcome": None,
    "batch_token_limit": None,
}
HI_MESSAGES: list[Any] = [{"role": "user", "content": "hi"}]


def user_message(content: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}]}


@dataclass(frozen=True, slots=True)
class ChatHelper:
    """Sends one question, with or without streaming. Keyword arguments override the parameters."""

    client: OpenAI

    def __call__(self, question: str = "hello", **params: Any) -> ChatCompletion:
        completion = self.client.chat.completions.create(**self._params(question, params))
        assert isinstance(completion, ChatCompletion)
        return completion

    def stream(self, question: str = "hello", **params: Any) -> list[ChatCompletionChunk]:
        with self.client.chat.completions.create(**self._params(question, params), stream=True) as chunks:
            return list(chunks)

    def text(self, question: str = "hello", **params: Any) -> str:
        return self(question, **params).choices[0].message.content or ""

    def _params(self, question: str, params: dict[str, Any]) -> dict[str, Any]:
        return {"model": CHAT_MODEL, "messages": [{"role": "user", "content": question}], **params}
