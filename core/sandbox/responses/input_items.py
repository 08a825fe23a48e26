"""Parsing and validation of `input`: a text, or a list of items."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from core.sandbox.api.errors import (
    invalid_request,
    invalid_type,
    missing_parameter,
    unknown_parameter,
    unsupported_in_sandbox,
)
from core.sandbox.api.images import DETAILS
from core.sandbox.api.parameters import (
    OneOf,
    String,
    Validator,
    skip_validation,
    validate_array,
    validate_object,
)
from core.sandbox.responses.opaque import unseal

Item = Mapping[str, Any]
"""An item as the API lists it, with an id."""

ITEM_TYPES = (
    "message",
    "function_call",
    "function_call_output",
    "reasoning",
    "item_reference",
    "compaction",
    "custom_tool_call",
    "custom_tool_call_output",
    "web_search_call",
    "file_search_call",
    "computer_call",
    "computer_call_output",
    "code_interpreter_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "shell_call",
    "shell_call_output",
    "apply_patch_call",
    "apply_patch_call_output",
    "mcp_list_tools",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
)
_PART_TYPES = (
    "input_text",
    "input_image",
    "output_text",
    "refusal",
    "input_file",
    "computer_screenshot",
    "summary_text",
)
_INPUT_PARTS = ("input_text", "input_image", "input_file")
_OUTPUT_PARTS = ("output_text", "refusal")
_TEXT = String(10_000_000)
_STATUS = OneOf(("in_progress", "completed", "incomplete"))
_PHASE = OneOf(("commentary", "final_answer"))
_COMMON_FIELDS: dict[str, Validator] = {"type": skip_validation, "id": String(), "status": _STATUS}
_CALL_FIELDS: dict[str, Validator] = {
    **_COMMON_FIELDS,
    "call_id": String(),
    "caller": validate_object,
    "namespace": String(),
}
_FIELDS: dict[str, dict[str, Validator]] = {
    "message": {
        **_COMMON_FIELDS,
        "role": OneOf(("assistant", "system", "developer", "user")),
        "content": skip_validation,
        "phase": _PHASE,
    },
    "function_call": {**_CALL_FIELDS, "name": String(), "arguments": _TEXT},
    "function_call_output": {**_CALL_FIELDS, "name": String(), "output": skip_validation},
    "reasoning": {
        **_COMMON_FIELDS,
        "summary": validate_array,
        "content": validate_array,
        "encrypted_content": _TEXT,
    },
    "item_reference": {"type": skip_validation, "id": String()},
    "compaction": {**_COMMON_FIELDS, "encrypted_content": _TEXT},
}
_REQUIRED = {
    "message": ("role", "content"),
    "function_call": ("call_id", "name", "arguments"),
    "function_call_output": ("call_id", "output"),
    "reasoning": ("id", "summary"),
    "item_reference": ("id",),
    "compaction": ("encrypted_content",),
}
ID_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "function_call_output": "fc",
    "reasoning": "rs",
    "compaction": "cmp",
}
_PART_FIELDS = {
    "input_text": {"type", "text", "prompt_cache_breakpoint"},
    "input_image": {"type", "image_url", "file_id", "detail", "prompt_cache_breakpoint"},
    "output_text": {"type", "text", "annotations", "logprobs"},
    "refusal": {"type", "refusal"},
}


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(25)}"


def parse_input(value: object) -> tuple[Item, ...]:
    """Return the items of `input`, each with an id. Raises ApiError."""
    if isinstance(value, str):
        _TEXT("input", value)
        value = [{"role": "user", "content": value}]
    if not isinstance(value, list):
        raise invalid_type("input", "one of a string or array of input items", value)
    return tuple(_parse_item(f"input[{index}]", item) for index, item in enumerate(value))


def _parse_item(param: str, value: object) -> Item:
    fields = validate_object(param, value)
    item_type = _item_type(param, fields)
    for name in _REQUIRED[item_type]:
        if fields.get(name) is None and not (name == "content" and "content" in fields):
            raise missing_parameter(f"{param}.{name}")
    for name, field in fields.items():
        if name not in _FIELDS[item_type]:
            raise unknown_parameter(f"{param}.{name}")
        if field is not None:
            _FIELDS[item_type][name](f"{param}.{name}", field)
    prefix = ID_PREFIXES.get(item_type, "")
    item_id = fields.get("id")
    if item_id is not None and not item_id.startswith(prefix):
        message = f"Invalid '{param}.id': '{item_id[:60]}'. Expected an ID that begins with '{prefix}'."
        raise invalid_request(message, f"{param}.id", "invalid_value")
    head = {"id": item_id or new_id(prefix), "type": item_type}
    return {**head, **_BUILDERS[item_type](param, fields)}


def _item_type(param: str, fields: Item) -> str:
    """Return the type of an item, which messages and references may leave out. Raises ApiError."""
    item_type = fields.get("type")
    if item_type is None:
        is_reference = "role" not in fields and "content" not in fields and "id" in fields
        return "item_reference" if is_reference else "message"
    OneOf(ITEM_TYPES)(f"{param}.type", item_type)
    if item_type not in _FIELDS:
        raise unsupported_in_sandbox(f"{param}.type", f"'{item_type}' items")
    return str(item_type)


def _build_message(param: str, fields: Item) -> dict[str, Any]:
    role = fields["role"]
    content = fields["content"]
    is_output = role == "assistant"
    if isinstance(content, str):
        text_type = "output_text" if is_output else "input_text"
        parts = [_build_part(param, {"type": text_type, "text": content}, is_output)]
    elif isinstance(content, list):
        parts = [
            _build_part(f"{param}.content[{index}]", part, is_output) for index, part in enumerate(content)
        ]
    else:
        raise invalid_type(f"{param}.content", "one of a string or array of content parts", content)
    phase = {"phase": fields["phase"]} if fields.get("phase") else {}
    return {"status": fields.get("status") or "completed", "content": parts, "role": role, **phase}


def _build_part(param: str, value: object, is_output: bool) -> dict[str, Any]:
    part = validate_object(param, value)
    if part.get("type") is None:
        raise missing_parameter(f"{param}.type")
    part_type = part["type"]
    OneOf(_PART_TYPES)(f"{param}.type", part_type)
    OneOf(_OUTPUT_PARTS if is_output else _INPUT_PARTS)(f"{param}.type", part_type)
    if part_type == "input_file":
        raise unsupported_in_sandbox(f"{param}.type", "'input_file' content parts")
    for name in part:
        if name not in _PART_FIELDS[part_type]:
            raise unknown_parameter(f"{param}.{name}")
    if part_type == "input_image":
        return _build_image(param, part)
    name = "refusal" if part_type == "refusal" else "text"
    if part.get(name) is None:
        raise missing_parameter(f"{param}.{name}")
    _TEXT(f"{param}.{name}", part[name])
    extra: dict[str, Any] = {"annotations": [], "logprobs": []} if part_type == "output_text" else {}
    return {"type": part_type, **extra, name: part[name]}


def _build_image(param: str, part: Item) -> dict[str, Any]:
    url, file_id = part.get("image_url"), part.get("file_id")
    if url is None and file_id is None:
        raise missing_parameter(f"{param}.image_url")
    for name in ("image_url", "file_id"):
        if part.get(name) is not None:
            String(64 * 1024 * 1024)(f"{param}.{name}", part[name])
    detail = part.get("detail") or "auto"
    OneOf(DETAILS)(f"{param}.detail", detail)
    return {"type": "input_image", "detail": detail, "file_id": file_id, "image_url": url}


def _build_call(_param: str, fields: Item) -> dict[str, Any]:
    names = ("arguments", "call_id", "name")
    return {"status": fields.get("status") or "completed", **{name: fields[name] for name in names}}


def _build_output(param: str, fields: Item) -> dict[str, Any]:
    output = fields["output"]
    if isinstance(output, list):
        output = [_build_part(f"{param}.output[{index}]", part, False) for index, part in enumerate(output)]
    elif not isinstance(output, str):
        raise invalid_type(f"{param}.output", "one of a string or array of content parts", output)
    return {"status": fields.get("status") or "completed", "call_id": fields["call_id"], "output": output}


def _build_reasoning(_param: str, fields: Item) -> dict[str, Any]:
    if fields.get("encrypted_content"):
        unseal(fields["encrypted_content"], fields["id"])
    return {
        "content": fields.get("content") or [],
        "encrypted_content": fields.get("encrypted_content"),
        "summary": fields["summary"],
    }


def _build_compaction(_param: str, fields: Item) -> dict[str, Any]:
    unseal(fields["encrypted_content"], str(fields.get("id")))
    return {"encrypted_content": fields["encrypted_content"]}


_BUILDERS: dict[str, Callable[[str, Item], dict[str, Any]]] = {
    "message": _build_message,
    "function_call": _build_call,
    "function_call_output": _build_output,
    "reasoning": _build_reasoning,
    "item_reference": lambda _param, _fields: {},
    "compaction": _build_compaction,
}
