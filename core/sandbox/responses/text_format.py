"""Parsing and validation of `text.format`, which has the fields of a JSON schema beside its type."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.sandbox.api.errors import invalid_request, missing_parameter
from core.sandbox.api.messages import RequestMessage
from core.sandbox.api.parameters import (
    Object,
    OneOf,
    String,
    skip_validation,
    validate_boolean,
    validate_object,
)
from core.sandbox.api.response_format import JsonSchemaFormat, build_format, validate_name

_PARAM = "text.format"
_JSON_SCHEMA = Object(
    {
        "type": skip_validation,
        "description": String(),
        "name": validate_name,
        "schema": validate_object,
        "strict": validate_boolean,
    }
)
_OTHER = Object({"type": skip_validation})
_MISSING_JSON_MESSAGE = (
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type "
    "'json_object'."
)


def parse_format(value: Mapping[str, Any] | None) -> JsonSchemaFormat | None:
    """Return the JSON schema of `text.format`; None for another format. Raises ApiError."""
    if value is None:
        return None
    if value.get("type") is None:
        raise missing_parameter(f"{_PARAM}.type")
    OneOf(("text", "json_object", "json_schema"))(f"{_PARAM}.type", value["type"])
    if value["type"] != "json_schema":
        _OTHER(_PARAM, value)
        return None
    for name in ("name", "schema"):
        if value.get(name) is None:
            raise missing_parameter(f"{_PARAM}.{name}")
    _JSON_SCHEMA(_PARAM, value)
    return build_format(f"{_PARAM}.schema", value)


def check_json_is_mentioned(messages: Sequence[RequestMessage]) -> None:
    """Check the *messages* of a request for a JSON object; instructions do not count. Raises ApiError."""
    if not any("json" in message.text.lower() for message in messages):
        raise invalid_request(_MISSING_JSON_MESSAGE, _PARAM)


def format_object(value: Mapping[str, Any] | None, json_schema: JsonSchemaFormat | None) -> dict[str, Any]:
    """Return `text.format` of the response."""
    if json_schema is None:
        return {"type": value["type"] if value else "text"}
    return {
        "type": "json_schema",
        "description": json_schema.description or None,
        "name": json_schema.name,
        "schema": json_schema.schema,
        "strict": json_schema.strict,
    }
