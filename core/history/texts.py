"""What of a request and its response can be searched, as text."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.json_values import JsonObject, json_object, json_objects
from core.runs.run import Run

# Enough for ten pages; a request with thousands of texts to embed is found by the first of them.
MAX_SEARCHED_CHARACTERS = 20_000
_EXCERPT_BEFORE = 20
_EXCERPT_AFTER = 100


def prompt_text(params: Mapping[str, Any]) -> str:
    """Return the text of a request that is new: of a chat, its instructions and what follows the last reply.

    The rest of a chat is the new text of the runs before it.
    """
    instructions, messages = params.get("instructions"), _messages(params)
    if messages is not None:
        return "\n".join(_texts((instructions, *_new_messages(messages))))
    return "\n".join(_texts((instructions, params.get("input"))))


def last_text(params: Mapping[str, Any]) -> str:
    """Return the last text of a request, such as the question of a chat."""
    messages = _messages(params)
    content = messages[-1:] if messages is not None else params.get("input")
    return next(_texts([content]), "")


def image_urls(params: Mapping[str, Any]) -> list[str]:
    """Return the URLs of the images in the last message of a request."""
    last = [message for message in (_messages(params) or [])[-1:] if isinstance(message, dict)]
    parts = [part for message in last for part in json_objects(message.get("content"))]
    # An object in Chat Completions, and a text in the Responses API.
    urls = [json_object(part.get("image_url")).get("url") or part.get("image_url") for part in parts]
    return [url for url in urls if isinstance(url, str)]


def _messages(params: Mapping[str, Any]) -> list[Any] | None:
    """Return the messages of a chat, or the items of the input of a response; None of other requests."""
    messages, items = params.get("messages"), params.get("input")
    if isinstance(messages, list):
        return messages
    return items if isinstance(items, list) and any(isinstance(item, dict) for item in items) else None


def reply_text(run: Run, response: Mapping[str, Any] | None) -> str:
    """Return the text of a reply, with the names and arguments of the tools that it calls."""
    return "\n".join(filter(None, (run.text, run.refusal, *_tool_calls(response or {}))))


def excerpt(text: str, search: str) -> str:
    """Return what surrounds the first word of *search* that *text* contains as it is typed; "" if none is."""
    for word in re.findall(r"\w+", search):
        if match := re.search(re.escape(word), text, re.IGNORECASE):
            start, end = max(0, match.start() - _EXCERPT_BEFORE), match.end() + _EXCERPT_AFTER
            dots = "…" if start else "", "…" if end < len(text) else ""
            return " ".join(f"{dots[0]}{text[start:end]}{dots[1]}".split())
    return ""


def _new_messages(messages: list[Any]) -> Iterator[Any]:
    roles = [_role(message) if isinstance(message, dict) else None for message in messages]
    last_reply = max((number for number, role in enumerate(roles) if role == "assistant"), default=-1)
    for number, message in enumerate(messages):
        if number > last_reply or roles[number] in ("system", "developer"):
            yield message


def _role(message: JsonObject) -> object:
    # The items of a reply beside its messages have no role.
    return "assistant" if message.get("type") in ("function_call", "reasoning") else message.get("role")


def _texts(values: Iterable[object]) -> Iterator[str]:
    """Return the texts in *values*: strings, messages, content parts and lists of them."""
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from _texts(value)
        elif isinstance(value, dict):
            yield from _texts((value.get("content"), value.get("text"), value.get("output")))


def _tool_calls(response: Mapping[str, Any]) -> Iterator[str]:
    for choice in json_objects(response.get("choices")):
        for call in json_objects(json_object(choice.get("message")).get("tool_calls")):
            function = json_object(call.get("function"))
            yield _call_text(function)
    for item in json_objects(response.get("output")):
        if item.get("type") == "function_call":
            yield _call_text(item)


def _call_text(call: JsonObject) -> str:
    return f"{call.get('name')} {_readable(str(call.get('arguments') or ''))}"


def _readable(arguments: str) -> str:
    """Return JSON without its escapes of other scripts."""
    try:
        return json.dumps(json.loads(arguments), ensure_ascii=False)
    except ValueError:
        return arguments
