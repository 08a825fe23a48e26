"""Parsing and validation of the messages of a chat completion request."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import (
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
_COMMON_FIELDS = {"role", "content", "name"}
_FIELDS = {
    "assistant": _COMMON_FIELDS | {"refusal", "tool_calls", "function_call", "audio", "annotations"},
    "tool": {"role", "content", "tool_call_id"},
}
_PART_TYPES = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


@dataclass(frozen=True, slots=True)
class MessageToolCall:
    """A tool call in a message of the assistant. *arguments* is the JSON text."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """One message. The text parts are joined. *tool_call_id* is the call that a tool message responds to."""

    role: str
    text: str
    name: str = ""
    images: tuple[MessageImage, ...] = ()
    tool_calls: tuple[MessageToolCall, ...] = ()
    tool_call_id: str = ""


def parse_messages(value: object, accepts_images: bool) -> tuple[RequestMessage, ...]:
    """Parse the `messages` of a request. Raises ApiError."""
    if not isinstance(value, list):
        raise invalid_type("messages", "an array of objects", value)
    if not value:
        error = (
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
            "array instead."
        )
        raise invalid_request(error, "messages", "empty_array")
    messages = []
    for index, item in enumerate(value):
        param = f"messages[{index}]"
        if not isinstance(item, dict):
            raise invalid_type(param, "an object", item)
        if item.get("role") is None:
            raise missing_parameter(f"{param}.role")
        OneOf(_ROLES)(f"{param}.role", item["role"])
        role = str(item["role"])
        _check_fields(param, role, item)
        text, images = _parse_content(param, role, item, accepts_images)
        tool_calls = _parse_tool_calls(param, item)
        messages.append(
            RequestMessage(
                role,
                text,
                str(item.get("name") or ""),
                images,
                tool_calls,
                str(item.get("tool_call_id") or ""),
            )
        )
    _check_tool_messages(value)
    return tuple(messages)


def _check_fields(param: str, role: str, item: Mapping[str, Any]) -> None:
    for name in item:
        if name not in _FIELDS.get(role, _COMMON_FIELDS):
            raise unknown_parameter(f"{param}.{name}")
    if item.get("audio") is not None or item.get("function_call") is not None:
        raise unsupported_in_sandbox(f"{param}", "audio or deprecated function calls in messages")
    if item.get("name") is not None:
        String()(f"{param}.name", item["name"])
        if not _NAME.fullmatch(item["name"]):
            error = f"Invalid '{param}.name': string does not match pattern '^[^\\s<|\\\\/>]+$'."
            raise invalid_request(error, f"{param}.name", "invalid_value")
    if role == "tool":
        if item.get("tool_call_id") is None:
            raise missing_parameter(f"{param}.tool_call_id")
        String()(f"{param}.tool_call_id", item["tool_call_id"])


def _parse_content(
    param: str, role: str, item: Mapping[str, Any], accepts_images: bool
) -> tuple[str, tuple[MessageImage, ...]]:
    content = item.get("content")
    if content is None:
        if role == "assistant" and (item.get("tool_calls") or item.get("refusal")):
            return "", ()
        if "content" not in item:
            raise missing_parameter(f"{param}.content")
        error = "Invalid value for 'content': expected a string, got null."
        raise invalid_request(error, f"{param}.content", "invalid_type")
    if isinstance(content, str):
        return content, ()
    if not isinstance(content, list):
        raise invalid_type(f"{param}.content", "a string or an array of objects", content)
    if not content:
        raise invalid_request(f"Invalid '{param}.content': empty array.", f"{param}.content", "empty_array")
    parts = [
        _parse_part(f"{param}.content[{index}]", role, part, accepts_images)
        for index, part in enumerate(content)
    ]
    texts = [part for part in parts if isinstance(part, str)]
    return "\n".join(texts), tuple(part for part in parts if isinstance(part, MessageImage))


def _parse_part(param: str, role: str, part: object, accepts_images: bool) -> str | MessageImage:
    if not isinstance(part, dict):
        raise invalid_type(param, "an object", part)
    if part.get("type") is None:
        raise missing_parameter(f"{param}.type")
    part_type = part["type"]
    OneOf(_PART_TYPES.get(role, ("text",)))(f"{param}.type", part_type)
    if part_type in ("text", "refusal"):
        unknown = next((name for name in part if name not in ("type", part_type)), None)
        if unknown is not None:
            raise unknown_parameter(f"{param}.{unknown}")
        if part.get(part_type) is None:
            raise missing_parameter(f"{param}.{part_type}")
        String(10_000_000)(f"{param}.{part_type}", part[part_type])
        return str(part[part_type])
    if part_type != "image_url":
        raise unsupported_in_sandbox(f"{param}.type", f"'{part_type}' content parts")
    if not accepts_images:
        error = "Invalid content type. image_url is only supported by certain models."
        raise invalid_request(error, f"{param}.type")
    return parse_image(param, part.get("image_url"))


def _parse_tool_calls(param: str, item: Mapping[str, Any]) -> tuple[MessageToolCall, ...]:
    tool_calls = item.get("tool_calls")
    if tool_calls is None:
        return ()
    if not isinstance(tool_calls, list):
        raise invalid_type(f"{param}.tool_calls", "an array of objects", tool_calls)
    calls = []
    for index, tool_call in enumerate(tool_calls):
        call_param = f"{param}.tool_calls[{index}]"
        if not isinstance(tool_call, dict):
            raise invalid_type(call_param, "an object", tool_call)
        function = tool_call.get("function")
        if not isinstance(tool_call.get("id"), str):
            raise missing_parameter(f"{call_param}.id")
        if not isinstance(function, dict):
            raise missing_parameter(f"{call_param}.function")
        for name in ("name", "arguments"):
            String()(f"{call_param}.function.{name}", function.get(name))
        calls.append(MessageToolCall(tool_call["id"], function["name"], function["arguments"]))
    return tuple(calls)


def _check_tool_messages(items: Sequence[Mapping[str, Any]]) -> None:
    """Check that tool messages follow each assistant message with tool calls, one for each call."""
    pending: set[str] = set()
    for index, item in enumerate(items):
        if item["role"] != "tool":
            _check_no_pending_calls(pending, index)
            pending = {tool_call["id"] for tool_call in item.get("tool_calls") or ()}
        elif item["tool_call_id"] not in pending:
            error = (
                "Invalid parameter: messages with role 'tool' must be a response to a preceding message with "
                "'tool_calls'."
            )
            raise invalid_request(error, f"messages[{index}].role")
        else:
            pending.discard(item["tool_call_id"])
    _check_no_pending_calls(pending, len(items))


def _check_no_pending_calls(pending: set[str], index: int) -> None:
    if pending:
        error = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            "'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(sorted(pending))[:200]}"
        )
        raise invalid_request(error, f"messages[{index}].role")
