"""The exact tokens of a request, counted by the server before it is sent."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from openai import AsyncOpenAI


async def count(client: "AsyncOpenAI", params: Mapping[str, Any]) -> int:
    """Ask `/responses/input_tokens` what the chat request *params* would take.

    Raises what the SDK raises; servers without the endpoint answer 404 or 405.
    """
    counted = await client.responses.input_tokens.count(
        model=params["model"], input=cast(Any, responses_input(params["messages"]))
    )
    return counted.input_tokens


def responses_input(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Write chat messages as the input items of the Responses API."""
    return [
        {"role": message["role"], "content": _content(message["role"], message["content"])}
        for message in messages
    ]


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
