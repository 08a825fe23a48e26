"""Parsing and validation of `response_format`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sandbox.api.errors import invalid_request, missing_parameter
from core.sandbox.api.parameters import Object, String, skip_validation, validate_boolean, validate_object
from core.sandbox.json_schema.strict import InvalidSchema, Schema, check_schema, check_strict_schema

_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class JsonSchemaFormat:
    """A valid `json_schema` format."""

    name: str
    schema: Schema
    description: str = ""
    strict: bool = False


def validate_name(param: str, value: object) -> None:
    """Check the name of a schema or of a function."""
    String(64)(param, value)
    if not _NAME.fullmatch(str(value)):
        message = (
            f"Invalid '{param}': string does not match pattern. Expected a string that matches the pattern "
            "'^[a-zA-Z0-9_-]+$'."
        )
        raise invalid_request(message, param, "invalid_value")


_JSON_SCHEMA = Object(
    {
        "name": validate_name,
        "description": String(),
        "schema": validate_object,
        "strict": validate_boolean,
    }
)
_FORMAT = Object({"type": skip_validation, "json_schema": _JSON_SCHEMA})


def parse_json_schema(response_format: Mapping[str, Any]) -> JsonSchemaFormat:
    """Parse a `response_format` of type json_schema. Raises ApiError."""
    param = "response_format"
    _FORMAT(param, response_format)
    values = response_format.get("json_schema")
    if values is None:
        raise missing_parameter(f"{param}.json_schema")
    for name in ("name", "schema"):
        if values.get(name) is None:
            raise missing_parameter(f"{param}.json_schema.{name}")
    return build_format(param, values)


def build_format(schema_param: str, values: Mapping[str, Any]) -> JsonSchemaFormat:
    """Return the format with the valid *values*. Raises ApiError for a schema that is refused."""
    strict = bool(values.get("strict"))
    try:
        (check_strict_schema if strict else check_schema)(values["schema"])
    except InvalidSchema as error:
        message = f"Invalid schema for response_format '{values['name']}': {error}"
        raise invalid_request(message, schema_param) from error
    return JsonSchemaFormat(values["name"], values["schema"], values.get("description") or "", strict)
