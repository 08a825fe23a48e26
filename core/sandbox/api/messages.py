"""The messages of a request: are they well formed, and what do they say?"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import (
    ApiError,
    invalid_request,
    invalid_type,
    missing_parameter,
    unknown_parameter,
    unsupported_in_sandbox,
)
from core.sandbox.api.images import MessageImage, parse_image
from core.sandbox.api.parameters import OneOf, String

_ROLES = ("system", "assistant", "user", "function", "tool", "developer")
_NAME = re.compile(r"[^\s<|\\/>]{1,64}")
_COMMON = {"role", "content", "name"}
_KNOWN = {
    "assistant": _COMMON | {"refusal", "tool_calls", "function_call", "audio", "annotations"},
    "tool": {"role", "content", "tool_call_id"},
}
_PARTS = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """One message, its text parts joined."""

    role: str
    text: str
    name: str = ""
    images: tuple[MessageImage, ...] = ()
    tool_calls: tuple[str, ...] = ()


def parse_messages(value: object, accepts_images: bool) -> tuple[RequestMessage, ...]:
    """Read `messages`; *sees* says whether the model takes images. Raises ApiProblem."""
    if not isinstance(value, list):
        raise invalid_type("messages", "an array of objects", value)
    if not value:
        text = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
            "array instead."
        )
        raise invalid_request(text, "messages", "empty_array")
    found = tuple(_read(f"messages[{index}]", item, accepts_images) for index, item in enumerate(value))
    _check_pairs(value)
    return found


def _read(at: str, item: object, sees: bool) -> RequestMessage:
    if not isinstance(item, dict):
        raise invalid_type(at, "an object", item)
    if item.get("role") is None:
        raise missing_parameter(f"{at}.role")
    OneOf(_ROLES)(f"{at}.role", item["role"])
    role = str(item["role"])
    _check_keys(at, role, item)
    text, images = _content(at, role, item, sees)
    return RequestMessage(role, text, str(item.get("name") or ""), images, _calls(at, item))


def _check_keys(at: str, role: str, item: Mapping[str, Any]) -> None:
    for name in item:
        if name not in _KNOWN.get(role, _COMMON):
            raise unknown_parameter(f"{at}.{name}")
    if item.get("audio") is not None or item.get("function_call") is not None:
        raise unsupported_in_sandbox(f"{at}", "audio or the old function calls in messages")
    if item.get("name") is not None:
        String()(f"{at}.name", item["name"])
        if not _NAME.fullmatch(item["name"]):
            text = f"Invalid '{at}.name': string does not match pattern '^[^\\s<|\\\\/>]+$'."
            raise invalid_request(text, f"{at}.name", "invalid_value")
    if role == "tool":
        if item.get("tool_call_id") is None:
            raise missing_parameter(f"{at}.tool_call_id")
        String()(f"{at}.tool_call_id", item["tool_call_id"])


def _content(at: str, role: str, item: Mapping[str, Any], sees: bool) -> tuple[str, tuple[MessageImage, ...]]:
    content = item.get("content")
    if content is None:
        if role == "assistant" and (item.get("tool_calls") or item.get("refusal")):
            return "", ()
        raise missing_parameter(f"{at}.content") if "content" not in item else _no_content(at)
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise invalid_type(f"{at}.content", "a string or an array of objects", content)
    if not content:
        raise invalid_request(f"Invalid '{at}.content': empty array.", f"{at}.content", "empty_array")
    parts = [_part(f"{at}.content[{index}]", role, part, sees) for index, part in enumerate(content)]
    texts = [part for part in parts if isinstance(part, str)]
    return "\n".join(texts), tuple(part for part in parts if isinstance(part, MessageImage))


def _no_content(at: str) -> ApiError:
    return invalid_request(
        "Invalid value for 'content': expected a string, got null.", f"{at}.content", "invalid_type"
    )


def _part(at: str, role: str, part: object, sees: bool) -> str | MessageImage:
    if not isinstance(part, dict):
        raise invalid_type(at, "an object", part)
    if part.get("type") is None:
        raise missing_parameter(f"{at}.type")
    kind = part["type"]
    OneOf(_PARTS.get(role, ("text",)))(f"{at}.type", kind)
    if kind in ("text", "refusal"):
        return _text_of(at, kind, part)
    if kind != "image_url":
        raise unsupported_in_sandbox(f"{at}.type", f"'{kind}' parts")
    if not sees:
        raise invalid_request(
            "Invalid content type. image_url is only supported by certain models.", f"{at}.type"
        )
    return parse_image(at, part.get("image_url"))


def _text_of(at: str, kind: str, part: Mapping[str, Any]) -> str:
    for name in part:
        if name not in ("type", kind):
            raise unknown_parameter(f"{at}.{name}")
    if part.get(kind) is None:
        raise missing_parameter(f"{at}.{kind}")
    String(10_000_000)(f"{at}.{kind}", part[kind])
    return str(part[kind])


def _calls(at: str, item: Mapping[str, Any]) -> tuple[str, ...]:
    """Check the tool calls of an assistant message and return each as `name:arguments`."""
    calls = item.get("tool_calls")
    if calls is None:
        return ()
    if not isinstance(calls, list):
        raise invalid_type(f"{at}.tool_calls", "an array of objects", calls)
    return tuple(_call(f"{at}.tool_calls[{index}]", call) for index, call in enumerate(calls))


def _call(at: str, call: object) -> str:
    if not isinstance(call, dict):
        raise invalid_type(at, "an object", call)
    function = call.get("function")
    if not isinstance(call.get("id"), str):
        raise missing_parameter(f"{at}.id")
    if not isinstance(function, dict):
        raise missing_parameter(f"{at}.function")
    for name in ("name", "arguments"):
        String()(f"{at}.function.{name}", function.get(name))
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
            raise invalid_request(text, f"messages[{index}].role")
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
        raise invalid_request(text, f"messages[{index}].role")
