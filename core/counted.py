"""The exact tokens of a request, counted by the server before it is sent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openai import AsyncOpenAI


async def count(client: "AsyncOpenAI", params: Mapping[str, Any]) -> int:
    """Ask `/responses/input_tokens` what the chat request *params* would take.

    Raises what the SDK raises; servers without the endpoint answer 404 or 405.
    """
    counted = await client.responses.input_tokens.count(**count_params(params))
    return counted.input_tokens


def count_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Write the chat request *params* as the very arguments that are sent to be counted."""
    tools = [_tool(tool) for tool in params.get("tools") or ()]
    response_format = params.get("response_format") or {}
    schema = response_format.get("json_schema")
    return {
        "model": params["model"],
        "input": responses_input(params["messages"]),
        **({"tools": tools} if tools else {}),
        **({"text": {"format": {"type": "json_schema", **schema}}} if schema else {}),
    }


def responses_input(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write chat messages, tool calls and their results as the input items of the Responses API."""
    return [item for message in messages for item in _items(message)]


def _items(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        output = content if isinstance(content, str) else _content(role, content or [])
        yield {"type": "function_call_output", "call_id": message.get("tool_call_id", ""), "output": output}
        return
    if content or not message.get("tool_calls"):
        yield {"role": role, "content": _content(role, content or "")}
    for call in message.get("tool_calls") or ():
        yield {"type": "function_call", "call_id": call.get("id", ""), **call.get("function", {})}


def _content(role: str, content: Any) -> list[dict[str, Any]]:
    text_type = "output_text" if role == "assistant" else "input_text"
    if isinstance(content, str):
        return [{"type": text_type, "text": content}]
    return [_part(part, text_type) for part in content]


def _part(part: Mapping[str, Any], text_type: str) -> dict[str, Any]:
    if part["type"] != "image_url":
        return {"type": text_type, "text": part["text"]}
    image = part["image_url"]
    return {"type": "input_image", "image_url": image["url"], "detail": image.get("detail", "auto")}


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A chat tool has its function in a field of its own; the Responses API has it flat."""
    function = tool.get("function")
    return {"type": "function", **function} if isinstance(function, Mapping) else dict(tool)
