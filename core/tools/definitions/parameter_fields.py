"""The parameters of a declared tool as rows of a form, and back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from core.json_values import json_object
from core.tools.definitions.definition import Schema

ParameterType = Literal["string", "number", "integer", "boolean", "array of strings"]
PARAMETER_TYPES: tuple[ParameterType, ...] = get_args(ParameterType)


@dataclass(frozen=True, slots=True)
class ParameterField:
    """A parameter as a row of a form. *options* are the only values of a string, if there are any."""

    name: str
    type: ParameterType = "string"
    description: str = ""
    required: bool = True
    options: tuple[str, ...] = ()


def parameters_schema(fields: Sequence[ParameterField]) -> Schema:
    """Return the schema of an object with *fields*; rows without a name are left out."""
    named = [field for field in fields if field.name.strip()]
    return {
        "type": "object",
        "properties": {field.name.strip(): _field_schema(field) for field in named},
        "required": [field.name.strip() for field in named if field.required],
        "additionalProperties": False,
    }


def parameter_fields(schema: Mapping[str, object]) -> list[ParameterField] | None:
    """Return the fields of *schema*; None if they would not contain all of it.

    A schema that does not say whether there can be other properties counts as one that excludes them.
    """
    required = schema.get("required", [])
    if not isinstance(required, list):
        return None
    fields = [
        _field(name, json_object(value), name in required)
        for name, value in json_object(schema.get("properties")).items()
    ]
    if any(field.type not in PARAMETER_TYPES for field in fields):
        return None
    complete = {"properties": {}, "required": [], "additionalProperties": False, **schema}
    shown = parameters_schema(fields)
    # The order of the required names means nothing.
    is_same = {**complete, "required": shown["required"]} == shown
    return fields if is_same and sorted(map(str, required)) == sorted(shown["required"]) else None


def _field(name: str, schema: Mapping[str, object], required: bool) -> ParameterField:
    is_list = schema.get("type") == "array"
    options = schema.get("enum", [])
    return ParameterField(
        name,
        "array of strings" if is_list else cast("ParameterType", schema.get("type")),
        str(schema.get("description", "")),
        required,
        tuple(map(str, options)) if isinstance(options, list) else (),
    )


def _field_schema(field: ParameterField) -> Schema:
    schema: Schema = {"type": field.type}
    if field.type == "array of strings":
        schema = {"type": "array", "items": {"type": "string"}}
    if field.description:
        schema["description"] = field.description
    if field.options and field.type == "string":
        schema["enum"] = [*field.options]
    return schema
