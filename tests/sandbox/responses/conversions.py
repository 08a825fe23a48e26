"""A chat request as a request of the Responses API, and helpers to send either."""

from collections.abc import Mapping
from typing import Any

from openai import OpenAI
from openai.types.chat import ChatCompletion
from openai.types.responses import Response, ResponseStreamEvent

from tests.sandbox.client import CHAT_MODEL


def respond(client: OpenAI, question: Any = "hello", /, **params: Any) -> Response:
    response = client.responses.create(**{"model": CHAT_MODEL, "input": question, **params})
    assert isinstance(response, Response)
    return response


def stream(client: OpenAI, question: Any = "hello", /, **params: Any) -> list[ResponseStreamEvent]:
    with client.responses.create(**{"model": CHAT_MODEL, "input": question, **params}, stream=True) as events:
        return list(events)


def complete(client: OpenAI, messages: list[Any], **params: Any) -> ChatCompletion:
    completion = client.chat.completions.create(**{"model": CHAT_MODEL, "messages": messages, **params})
    assert isinstance(completion, ChatCompletion)
    return completion


def to_items(messages: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the input items for chat *messages* with texts, calls and results."""
    items: list[dict[str, Any]] = []
    for message in messages:
        if message["role"] == "tool":
            items.append(
                {
                    "type": "function_call_output",
                    "call_id": message["tool_call_id"],
                    "output": message["content"],
                }
            )
            continue
        if message.get("content"):
            items.append({"role": message["role"], "content": message["content"]})
        items += [
            {"type": "function_call", "call_id": call["id"], **call["function"]}
            for call in message.get("tool_calls", ())
        ]
    return items


def assert_same_usage(response: Response, completion: ChatCompletion) -> None:
    """Compare all tokens but the cached ones, which the second of two requests has more of."""
    usage, expected = response.usage, completion.usage
    assert usage
    assert expected
    assert expected.completion_tokens_details
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (
        expected.prompt_tokens,
        expected.completion_tokens,
        expected.total_tokens,
    )
    reasoning = expected.completion_tokens_details.reasoning_tokens
    assert usage.output_tokens_details.reasoning_tokens == reasoning
