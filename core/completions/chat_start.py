"""A saved chat request as the start of a conversation: instructions, turns, next message and parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.generation.api_name import ApiName
from core.images.tokens import DETAILS
from core.json_values import JsonObject, json_object, json_objects

_INSTRUCTION_ROLES = ("system", "developer")
_TURN_ROLES = ("user", "assistant")
_IMAGE_SCHEMES = ("data:image/", "https://", "http://")
# What is not a parameter of a conversation: it has them itself, or the page sets them for each request.
_NOT_PARAMETERS = ("model", "messages", "stream", "stream_options")


@dataclass(frozen=True, slots=True)
class ChatStart:
    """*turns* are messages of users and assistants, and *draft* is the text of the last one of the user.

    *omitted* names what a conversation cannot have, such as results of tools. *api* is that of the request.
    """

    model: str
    instructions: str
    turns: tuple[JsonObject, ...]
    draft: str
    params: Mapping[str, Any]
    omitted: tuple[str, ...]
    api: ApiName = "chat.completions"


def chat_start(body: Mapping[str, Any], api: ApiName = "chat.completions") -> ChatStart:
    """Read the body of a request of *api*, written as Chat Completions has it.

    It may have been made elsewhere: nothing in it is certain.
    """
    messages = json_objects(body.get("messages"))
    instructions = [
        _text(message.get("content")) for message in messages if message.get("role") in _INSTRUCTION_ROLES
    ]
    omitted = dict.fromkeys(_omitted(messages))
    turns = [
        {"role": message["role"], "content": content}
        for message in messages
        if message.get("role") in _TURN_ROLES and (content := _content(message.get("content")))
    ]
    draft = ""
    if turns and turns[-1]["role"] == "user":
        last = turns.pop()["content"]
        draft = _text(last)
        if draft != last and any(part["type"] == "image_url" for part in last):
            omitted["the images of the last message"] = None
    return ChatStart(
        str(body.get("model") or ""),
        "\n\n".join(filter(None, instructions)),
        tuple(turns),
        draft,
        _parameters(body),
        tuple(omitted),
        api,
    )


def _parameters(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters by their present names."""
    params = {
        name: value for name, value in body.items() if name not in _NOT_PARAMETERS and value is not None
    }
    if "max_tokens" in params:
        params.setdefault("max_completion_tokens", params.pop("max_tokens"))
    if "top_logprobs" in params:
        params.pop("logprobs", None)  # the same control turns them on
    return params


def _omitted(messages: list[JsonObject]) -> Iterator[str]:
    for message in messages:
        if message.get("role") not in (*_INSTRUCTION_ROLES, *_TURN_ROLES):
            yield "results of tools"
        elif message.get("tool_calls") or message.get("function_call"):
            yield "calls of tools"
        content = message.get("content")
        if isinstance(content, list) and len(_parts(content)) < len(content):
            yield "audio and files"


def _content(content: object) -> Any:
    """Return what a message of a conversation can have of *content*: a text, or parts of texts and images."""
    return _parts(content) if isinstance(content, list) else _text(content)


def _parts(content: list[Any]) -> list[JsonObject]:
    return [part for item in content if (part := _part(json_object(item)))]


def _part(item: JsonObject) -> JsonObject:
    if item.get("type") == "text" and isinstance(item.get("text"), str):
        return {"type": "text", "text": item["text"]}
    image = json_object(item.get("image_url"))
    if item.get("type") == "image_url" and str(image.get("url")).startswith(_IMAGE_SCHEMES):
        detail = {"detail": image["detail"]} if image.get("detail") in DETAILS else {}
        return {"type": "image_url", "image_url": {"url": image["url"], **detail}}
    return {}


def _text(content: object) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in _parts(content) if part["type"] == "text")
    return content if isinstance(content, str) else ""
