"""A JSON Schema with its name: parsing, identity by content, and the parts it consists of."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from core.errors.types import PlaygroundError
from core.files.json_validation import FileValidationError, validate_json

JsonSchema = dict[str, Any]
SchemaPath = tuple[str | int, ...]

_MAX_MESSAGE = 300

# Keywords whose value is a schema, a list of schemas, or an object of schemas by name.
_SCHEMA = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_SCHEMA_LIST = ("anyOf", "allOf", "oneOf", "prefixItems")
_SCHEMA_MAP = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")


class NotRepresentable(PlaygroundError):
    """A view cannot express the schema without losing a part of it."""


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    """A schema with the name that the request gives it."""

    name: str
    schema: JsonSchema

    @property
    def digest(self) -> str:
        """Identify the content: documents that differ only in the order of keywords have the same digest."""
        return hashlib.sha256(f"{self.name}\n{canonical_json(self.schema)}".encode()).hexdigest()


def parse_json(text: str) -> Any:
    """Parse JSON that a person has typed. Raises PlaygroundError, which names the line."""
    try:
        return validate_json(text, TypeAdapter(Any))
    except FileValidationError as error:
        raise PlaygroundError(str(error), "Correct the JSON.") from error


def parse_schema(text: str) -> JsonSchema:
    """Parse a JSON Schema. Raises PlaygroundError with the line or the path of the first problem."""
    from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types, as the next
    from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]

    schema = parse_json(text)
    if not isinstance(schema, dict):
        raise PlaygroundError("The schema is not a JSON object.", 'Example: {"type": "object"}')
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path)) or "The schema"
        message = f"{place}: {error.message}"[:_MAX_MESSAGE]
        raise PlaygroundError(f"This is not a valid JSON Schema. {message}", "Correct the schema.") from error
    result: JsonSchema = schema
    return result


def schema_json(schema: JsonSchema) -> str:
    """Write *schema* for a reader, in the order of its keys."""
    return json.dumps(schema, indent=2, ensure_ascii=False)


def canonical_json(schema: JsonSchema) -> str:
    """Write *schema* so that schemas of the same meaning are equal. The order of properties has a meaning."""
    return json.dumps(_canonical(schema), ensure_ascii=False)


def is_same_schema(a: JsonSchema, b: JsonSchema) -> bool:
    """Whether the schemas differ in nothing but the order of keywords and of required names."""
    return canonical_json(a) == canonical_json(b)


def _canonical(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for keyword in sorted(schema):
        value = schema[keyword]
        if keyword in _SCHEMA_MAP and isinstance(value, dict):
            names = value if keyword == "properties" else sorted(value)
            result[keyword] = {name: _canonical(value[name]) for name in names}
        elif keyword in _SCHEMA:
            result[keyword] = _canonical(value)
        elif keyword in _SCHEMA_LIST and isinstance(value, list):
            result[keyword] = [_canonical(item) for item in value]
        elif keyword == "required" and isinstance(value, list):
            if value:
                result[keyword] = sorted(map(str, value))
        else:
            result[keyword] = value
    return result


def children(schema: JsonSchema) -> Iterator[tuple[SchemaPath, JsonSchema]]:
    """Yield the schemas directly inside *schema* with their paths."""
    for keyword, value in schema.items():
        if keyword in _SCHEMA and isinstance(value, dict):
            yield (keyword,), value
        elif keyword in _SCHEMA_LIST and isinstance(value, list):
            yield from (
                ((keyword, index), item) for index, item in enumerate(value) if isinstance(item, dict)
            )
        elif keyword in _SCHEMA_MAP and isinstance(value, dict):
            yield from (((keyword, name), item) for name, item in value.items() if isinstance(item, dict))


def walk(schema: JsonSchema, path: SchemaPath = ()) -> Iterator[tuple[SchemaPath, JsonSchema]]:
    """Yield *schema* and all schemas inside it with their paths, outer ones first."""
    yield path, schema
    for step, child in children(schema):
        yield from walk(child, (*path, *step))


def schema_at(schema: JsonSchema, path: SchemaPath) -> JsonSchema:
    """Return the schema at *path*, one that `walk` has yielded."""
    node: Any = schema
    for step in path:
        node = node[step]
    result: JsonSchema = node
    return result


def resolve_ref(root: JsonSchema, ref: object) -> JsonSchema | None:
    """Return the schema that *ref* points to within *root*; None if there is none."""
    if ref == "#":
        return root
    if not isinstance(ref, str) or not ref.startswith("#/"):
        return None
    node: Any = root
    for step in ref[2:].split("/"):
        name = step.replace("~1", "/").replace("~0", "~")
        node = node.get(name) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else None


def is_circular_ref(root: JsonSchema, ref: object) -> bool:
    """Whether following *ref* leads back to it, through nothing but references: it describes no value."""
    visited: set[str] = set()
    while isinstance(ref, str):
        if ref in visited:
            return True
        visited.add(ref)
        ref = (resolve_ref(root, ref) or {}).get("$ref")
    return False


def field_path(path: SchemaPath) -> str:
    """Return the path of a schema as that of its field, such as `items[].price`; `$` is the root."""
    text, index = "", 0
    while index < len(path):
        step, following = path[index], path[index + 1] if index + 1 < len(path) else ""
        if step == "items":
            text += "[]"
        elif step == "properties":
            text += f".{following}"
            index += 1
        elif step in _SCHEMA_MAP:
            text += f".{step}.{following}"
            index += 1
        elif not isinstance(step, int) and step not in _SCHEMA_LIST:
            text += f".{step}"
        index += 1
    return text.removeprefix(".") or "$"
