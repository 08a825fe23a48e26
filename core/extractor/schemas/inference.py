"""Infer a strict schema from examples of the JSON that it should describe."""

from collections.abc import Sequence
from typing import Any

from core.errors.types import PlaygroundError
from core.json_schema.schema import JsonSchema, parse_json

_MAX_ITEMS = 1_000  # of a list


def infer_schema(text: str) -> JsonSchema:
    """Return a strict schema that is valid for the JSON object, or the list of objects, in *text*.

    Raises PlaygroundError if it is neither.
    """
    value = parse_json(text)
    examples = value[:_MAX_ITEMS] if isinstance(value, list) else [value]
    if not examples or not all(isinstance(example, dict) for example in examples):
        raise PlaygroundError("The sample is not a JSON object.", 'Example: {"name": "Ada", "age": 36}')
    return _merge(examples)


def _merge(values: Sequence[Any]) -> JsonSchema:
    """Return a schema for all *values*; of values of different types, one that allows each."""
    lists = [value for value in values if isinstance(value, list)]
    items = [item for value in lists for item in value[:_MAX_ITEMS]]
    array = {"type": "array", "items": _merge(items)} if lists else None
    variants = [schema for schema in (_objects(values), array, _scalars(values)) if schema]
    is_nullable = any(value is None for value in values)
    if not variants:
        return {"type": "null"} if is_nullable else {"type": "string"}
    if len(variants) > 1:
        return {"anyOf": [*variants, *([{"type": "null"}] if is_nullable else [])]}
    schema = variants[0]
    if is_nullable:
        declared = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        schema["type"] = [*declared, "null"]
    return schema


def _objects(values: Sequence[Any]) -> JsonSchema | None:
    objects = [value for value in values if isinstance(value, dict)]
    if not objects:
        return None
    names = list(dict.fromkeys(name for item in objects for name in item))
    # A name that is missing in an example may be null: strict mode has no optional properties.
    properties = {name: _merge([item.get(name) for item in objects]) for name in names}
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _scalars(values: Sequence[Any]) -> JsonSchema | None:
    types = {_SCALAR_TYPES[type(value)] for value in values if type(value) in _SCALAR_TYPES}
    if {"integer", "number"} <= types:
        types.remove("integer")
    ordered = sorted(types)
    return {"type": ordered[0] if len(ordered) == 1 else ordered} if ordered else None


_SCALAR_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}
