"""Tools and JSON schemas cost the same tokens in both APIs."""

from typing import Any

from openai import OpenAI

from tests.sandbox.client import CHAT_MODEL, ChatHelper
from tests.sandbox.tools.requests import TOOLS

SCHEMA: dict[str, Any] = {
    "name": "city",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}},
}


def test_counts_tools_and_a_schema_as_a_completion_does(client: OpenAI, chat: ChatHelper) -> None:
    flat_tools: list[Any] = [{"type": "function", **tool["function"]} for tool in TOOLS]
    text: Any = {"format": {"type": "json_schema", **SCHEMA}}
    count = client.responses.input_tokens.count(model=CHAT_MODEL, input="hello", tools=flat_tools, text=text)
    completion = chat("hello", tools=TOOLS, response_format={"type": "json_schema", "json_schema": SCHEMA})
    assert completion.usage
    assert count.input_tokens == completion.usage.prompt_tokens
