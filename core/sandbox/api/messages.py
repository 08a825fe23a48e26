"""The messages of a request: are they well formed, and what do they say?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import ApiProblem, invalid, missing, not_offered, unknown, wrong_type
from core.sandbox.api.images import Image, read_image
from core.sandbox.api.parameters import OneOf, Text

_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_NAME = re.compile(r"[^\s<|\\/>]{1,64}")
_COMMON = {"role", "content", "name"}
_KNOWN = {
    "assistant": _COMMON | {"refusal", "tool_calls", "function_call", "audio", "annotations"},
    "tool": {"role", "content", "tool_call_id"},
}
_PARTS = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


@dataclass(frozen=True, slots=True)
class Message:
    """One message, its text parts joined."""

    role: str
    text: str
    name: str = ""
    images: tuple[Image, ...] = ()
    calls: tuple[str, ...] = ()


def read_messages(value: object, sees: bool) -> tuple[Message, ...]:
    """Read `messages`; *sees* says whether the model takes images. Raises ApiProblem."""
    if not isinstance(value, list):
        raise wrong_type("messages", "an array of objects", value)
    if not value:
        text = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
            "array instead."
        )
        raise invalid(text, "messages", "empty_array")
    found = tuple(_read(f"messages[{index}]", item, sees) for index, item in enumerate(value))
    _check_pairs(value)
    return found


def _read(at: str, item: object, sees: bool) -> Message:
    if not isinstance(item, dict):
        raise wrong_type(at, "an object", item)
    if item.get("role") is None:
        raise missing(f"{at}.role")
    OneOf(_ROLES)(f"{at}.role", item["role"])
    role = str(item["role"])
    _check_keys(at, role, item)
    text, images = _content(at, role, item, sees)
    return Message(role, text, str(item.get("name") or ""), images, _calls(at, item))


def _check_keys(at: str, role: str, item: Mapping[str, Any]) -> None:
    for name in item:
        if name not in _KNOWN.get(role, _COMMON):
            raise unknown(f"{at}.{name}")
    if item.get("audio") is not None or item.get("function_call") is not None:
        raise not_offered(f"{at}", "audio or the old function calls in messages")
    if item.get("name") is not None:
        Text()(f"{at}.name", item["name"])
        if not _NAME.fullmatch(item["name"]):
            text = f"Invalid '{at}.name': string does not match pattern '^[^\\s<|\\\\/>]+$'."
            raise invalid(text, f"{at}.name", "invalid_value")
    if role == "tool":
        if item.get("tool_call_id") is None:
            raise missing(f"{at}.tool_call_id")
        Text()(f"{at}.tool_call_id", item["tool_call_id"])


def _content(at: str, role: str, item: Mapping[str, Any], sees: bool) -> tuple[str, tuple[Image, ...]]:
    content = item.get("content")
    if content is None:
        if role == "assistant" and (item.get("tool_calls") or item.get("refusal")):
            return "", ()
        raise missing(f"{at}.content") if "content" not in item else _no_content(at)
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise wrong_type(f"{at}.content", "a string or an array of objects", content)
    if not content:
        raise invalid(f"Invalid '{at}.content': empty array.", f"{at}.content", "empty_array")
    parts = [_part(f"{at}.content[{index}]", role, part, sees) for index, part in enumerate(content)]
    texts = [part for part in parts if isinstance(part, str)]
    return "\n".join(texts), tuple(part for part in parts if isinstance(part, Image))


def _no_content(at: str) -> ApiProblem:
    return invalid(
        "Invalid value for 'content': expected a string, got null.", f"{at}.content", "invalid_type"
    )


def _part(at: str, role: str, part: object, sees: bool) -> str | Image:
    if not isinstance(part, dict):
        raise wrong_type(at, "an object", part)
    if part.get("type") is None:
        raise missing(f"{at}.type")
    kind = part["type"]
    OneOf(_PARTS.get(role, ("text",)))(f"{at}.type", kind)
    if kind in ("text", "refusal"):
        return _text_of(at, kind, part)
    if kind != "image_url":
        raise not_offered(f"{at}.type", f"'{kind}' parts")
    if not sees:
        raise invalid("Invalid content type. image_url is only supported by certain models.", f"{at}.type")
    return read_image(at, part.get("image_url"))


def _text_of(at: str, kind: str, part: Mapping[str, Any]) -> str:
    for name in part:
        if name not in ("type", kind):
            raise unknown(f"{at}.{name}")
    if part.get(kind) is None:
        raise missing(f"{at}.{kind}")
    Text(10_000_000)(f"{at}.{kind}", part[kind])
    return str(part[kind])


def _calls(at: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    """Check the tool calls of an assistant message and return each as `name:arguments`."""
    calls = item.get("tool_calls")
    if calls is None:
        return ()
    if not isinstance(calls, list):
        raise wrong_type(f"{at}.tool_calls", "an array of objects", calls)
    return tuple(_call(f"{at}.tool_calls[{index}]", call) for index, call in enumerate(calls))


def _call(at: str, call: object) -> str:
    if not isinstance(call, dict):
        raise wrong_type(at, "an object", call)
    function = call.get("function")
    if not isinstance(call.get("id"), str):
        raise missing(f"{at}.id")
    if not isinstance(function, dict):
        raise missing(f"{at}.function")
    for name in ("name", "arguments"):
        Text()(f"{at}.function.{name}", function.get(name))
    return f"{function['name']}:{function['arguments']}"


def _check_pairs(items: Sequence[Mapping[str, Any]]) -> None:
    """Every tool call is answered right after it, and every tool message answers one."""
    waiting: set[str] = set()
    for index, item in enumerate(items):
        if item["role"] != "tool":
            _check_answered(waiting, index)
            waiting = {call["id"] for call in item.get("tool_calls") or ()}
        elif item["tool_call_id"] not in waiting:
            text = (
                "Invalid parameter: messages with role 'tool' must be a response to a preceding message with "
                "'tool_calls'."
            )
            raise invalid(text, f"messages[{index}].role")
        else:
            waiting.discard(item["tool_call_id"])
    _check_answered(waiting, len(items))


def _check_answered(waiting: set[str], index: int) -> None:
    if waiting:
        text = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(sorted(waiting))[:200]}"
        )
        raise invalid(text, f"messages[{index}].role")
