"""The parts of a variant that a person edits as JSON: messages, tools, and the schema of the reply."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from core.errors.types import PlaygroundError
from core.files.json_validation import FileValidationError, validate_json
from core.json_schema.schema import SchemaDocument, parse_json, parse_schema, schema_json
from core.json_schema.strict import check
from core.prompts.prompts import PromptMessage

_MESSAGES = TypeAdapter(tuple[PromptMessage, ...])
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAX_TOOLS = 128
_SCHEMA_NAME = "reply"


def messages_to_json(messages: Sequence[PromptMessage]) -> str:
    return _to_json([message.model_dump() for message in messages])


def messages_from_json(text: str) -> tuple[PromptMessage, ...]:
    """Parse a list of messages. Raises PlaygroundError."""
    if not text.strip():
        return ()
    try:
        return validate_json(text, _MESSAGES)
    except FileValidationError as error:
        hint = 'Example: [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]'
        raise PlaygroundError(str(error), hint) from error


def tools_to_json(tools: Sequence[Mapping[str, Any]]) -> str:
    return _to_json([*tools])


def tools_from_json(text: str) -> tuple[dict[str, Any], ...]:
    """Parse one tool or a list of them; a function without its `type` gets it. Raises PlaygroundError."""
    if not text.strip():
        return ()
    value = parse_json(text)
    tools = value if isinstance(value, list) else [value]
    if len(tools) > _MAX_TOOLS:
        raise PlaygroundError(f"A request has at most {_MAX_TOOLS} tools", "Remove some of them.")
    return tuple(_tool(tool, number) for number, tool in enumerate(tools, 1))


def _tool(value: Any, number: int) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise PlaygroundError(f"Tool {number} is not a JSON object", "Each tool is an object with a name.")
    tool = value if "type" in value else {"type": "function", "function": value}
    declared = tool.get(str(tool["type"]))
    name = declared.get("name") if isinstance(declared, dict) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PlaygroundError(
            f"Tool {number} has no valid name",
            "A name has up to 64 letters, digits, _ and -. Example: "
            '{"name": "get_weather", "parameters": {"type": "object", "properties": {}}}',
        )
    return tool


def schema_to_json(response_format: Mapping[str, Any] | None) -> str:
    """Return the schema alone if `schema_from_json` makes the same format of it, else the whole format."""
    if response_format is None:
        return ""
    schema = (response_format.get("json_schema") or {}).get("schema")
    if isinstance(schema, dict) and _response_format(schema) == response_format:
        return schema_json(schema)
    return _to_json(response_format)


def schema_from_json(text: str) -> dict[str, Any] | None:
    """Parse a JSON schema, or a whole `response_format`. Raises PlaygroundError.

    A schema that strict mode accepts is strict.
    """
    if not text.strip():
        return None
    value = parse_json(text)
    declared = value.get("json_schema") if isinstance(value, dict) else None
    if not isinstance(declared, dict):
        return _response_format(parse_schema(text))
    parse_schema(json.dumps(declared.get("schema")))
    response_format: dict[str, Any] = value
    return response_format


def _response_format(schema: dict[str, Any]) -> dict[str, Any]:
    is_strict = not any(
        finding.severity == "error" for finding in check(SchemaDocument(_SCHEMA_NAME, schema))
    )
    return {
        "type": "json_schema",
        "json_schema": {"name": _SCHEMA_NAME, "strict": is_strict, "schema": schema},
    }


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
