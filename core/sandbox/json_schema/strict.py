"""Which JSON Schemas the API accepts: well-formed ones, and the strict subset of structured outputs."""

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.paths import DATA
from core.sandbox.json_schema.pattern_parser import UnsupportedPattern
from core.sandbox.json_schema.patterns import parse_pattern
from core.sandbox.json_schema.value_types import mistyped_values

Schema = Mapping[str, Any]
Context = tuple[str, ...]

_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
# A schema that is not strict may be nested more deeply than the API allows for strict ones.
_MAX_DEPTH = 60
_UNKNOWN_REFERENCE = "reference can only point to definitions defined at the top level of the schema."


class InvalidSchema(Exception):
    """A schema that the API rejects. The message is the part of the API's message after "Invalid schema"."""


@dataclass(frozen=True, slots=True)
class SubSchema:
    """A schema within a schema, where it stands, and how many objects contain it."""

    schema: Any
    context: Context
    objects: int


@lru_cache(maxsize=1)
def load_rules() -> dict[str, Any]:
    """Load keywords, formats and limits of the strict subset."""
    rules: dict[str, Any] = json.loads((DATA / "structured_outputs.json").read_text(encoding="utf-8"))
    return rules


def subschemas(schema: object) -> Iterator[SubSchema]:
    """Yield *schema* and all schemas in it, in the order of their text. Raises InvalidSchema if too deep."""
    stack = [SubSchema(schema, (), 0)]
    while stack:
        current = stack.pop()
        yield current
        if len(current.context) > 2 * _MAX_DEPTH:
            raise InvalidSchema("the schema is nested too deeply.")
        if not isinstance(current.schema, dict):
            continue
        objects = current.objects + ("properties" in current.schema)
        children = [
            SubSchema(child, (*current.context, *path), objects) for path, child in _children(current.schema)
        ]
        stack += reversed(children)


def _children(schema: Schema) -> Iterator[tuple[Context, object]]:
    for keyword in ("properties", "$defs", "definitions"):
        if isinstance(entries := schema.get(keyword), dict):
            yield from (((keyword, name), entry) for name, entry in entries.items())
    for keyword in ("anyOf", "oneOf", "allOf"):
        if isinstance(options := schema.get(keyword), list):
            yield from (((keyword, str(index)), option) for index, option in enumerate(options))
    if "items" in schema:
        yield ("items",), schema["items"]


def check_schema(schema: object) -> None:
    """Check what holds for every schema, strict or not. Raises InvalidSchema."""
    if not isinstance(schema, dict) or schema.get("type") != "object":
        type_name = schema.get("type") if isinstance(schema, dict) else None
        raise InvalidSchema(
            f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{type_name}\"'."
        )
    for sub in subschemas(schema):
        if isinstance(sub.schema, bool):
            continue
        if not isinstance(sub.schema, dict):
            raise _error(sub, f"{json.dumps(sub.schema)[:60]} is not of type 'object', 'boolean'.")
        for keyword, value in sub.schema.items():
            if keyword in _KEYWORD_TYPES:
                name, is_valid = _KEYWORD_TYPES[keyword]
                if not is_valid(value):
                    raise _error(sub, f"'{keyword}': {json.dumps(value)[:60]} is not valid: expected {name}.")
        _check_reference(sub, schema)


def check_strict_schema(schema: object) -> None:
    """Check that *schema* is in the strict subset. Raises InvalidSchema."""
    if isinstance(schema, dict) and "anyOf" in schema:
        raise InvalidSchema(
            "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' "
            "at the top level."
        )
    check_schema(schema)
    all_subschemas = list(subschemas(schema))
    for sub in all_subschemas:
        if not isinstance(sub.schema, dict):
            raise _error(sub, "schema must be an object.")
        _check_keywords(sub)
        if not any(keyword in sub.schema for keyword in ("type", "$ref", "anyOf", "enum", "const")):
            raise _error(sub, "schema must have a 'type' key.")
        if sub.schema.get("anyOf") == []:
            raise _error(sub, "'anyOf': [] should be non-empty.")
        if "$ref" not in sub.schema:
            _check_object(sub)
            _check_values(sub)
    _check_limits([sub for sub in all_subschemas if isinstance(sub.schema, dict)])


def resolve(reference: str, root: Schema) -> Schema | None:
    """Return the schema that *reference* points to, None if there is none."""
    node: Any = root
    if not reference.startswith("#"):
        return None
    for part in reference.removeprefix("#").split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            return None
        node = node[name]
    return node if isinstance(node, dict) else None


def schema_types(schema: Schema) -> tuple[str, ...]:
    """Return the types that *schema* names; none if it has no type."""
    types = schema.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _check_reference(sub: SubSchema, root: Schema) -> None:
    """Check that a reference has a target, and that references do not only lead to each other."""
    schema, seen = sub.schema, set()
    while isinstance(schema, dict) and "$ref" in schema:
        reference = schema["$ref"]
        target = resolve(reference, root)
        if target is None or reference in seen:
            raise _error(sub, _UNKNOWN_REFERENCE)
        seen.add(reference)
        schema = target


def _check_keywords(sub: SubSchema) -> None:
    rules = load_rules()
    for keyword in sub.schema:
        if keyword not in rules["keywords"] and keyword not in rules["annotations"]:
            raise _error(sub, f"'{keyword}' is not permitted.")
    if "$ref" in sub.schema and (others := sub.schema.keys() - {"$ref"}) - {"$defs", "definitions"}:
        raise _error(sub, f"$ref cannot have keywords {sorted(others)}.")
    parts = sub.schema.get("$ref", "#").split("/")
    if parts != ["#"] and (len(parts) != 3 or parts[1] not in ("$defs", "definitions")):
        raise _error(sub, _UNKNOWN_REFERENCE)


def _check_object(sub: SubSchema) -> None:
    types = schema_types(sub.schema)
    if "object" not in types and "properties" not in sub.schema:
        return
    if sub.schema.get("additionalProperties") is not False:
        raise _error(sub, "'additionalProperties' is required to be supplied and to be false.")
    properties, required = sub.schema.get("properties", {}), sub.schema.get("required", [])
    required_message = (
        "'required' is required to be supplied and to be an array including every key in properties."
    )
    for name in properties:
        if name not in required:
            raise _error(sub, f"{required_message} Missing '{name}'.")
    for name in required:
        if name not in properties:
            raise _error(sub, f"{required_message} Extra required key '{name}' supplied.")


def _check_values(sub: SubSchema) -> None:
    if "array" in schema_types(sub.schema) and "items" not in sub.schema:
        raise _error(sub, "array schema missing items.")
    for keyword, value in mistyped_values(sub.schema):
        types = {"type": sub.schema["type"]}
        raise _error(sub, f"{keyword} value {str(value)[:60]} does not validate against {types}.")
    if "format" in sub.schema and sub.schema["format"] not in load_rules()["formats"]:
        raise _error(sub, f"'{sub.schema['format']}' is not a valid format.")
    if "pattern" in sub.schema:
        try:
            parse_pattern(sub.schema["pattern"])
        except UnsupportedPattern as error:
            raise _error(sub, f"'pattern' is not supported: {error}.") from error


def _check_limits(all_subschemas: list[SubSchema]) -> None:
    limits = load_rules()["limits"]
    names = [name for sub in all_subschemas for name in sub.schema.get("properties", ())]
    if len(names) > limits["properties"]:
        raise InvalidSchema(
            f"Expected at most {limits['properties']} object properties total, found {len(names)}."
        )
    nesting = max(sub.objects + ("properties" in sub.schema) for sub in all_subschemas)
    if nesting > limits["nesting"]:
        raise InvalidSchema(f"{nesting} levels of nesting exceeds limit of {limits['nesting']}.")
    enums = [(sub, sub.schema["enum"]) for sub in all_subschemas if "enum" in sub.schema]
    values = sum(len(enum) for _, enum in enums)
    if values > limits["enum_values"]:
        raise InvalidSchema(
            f"Expected at most {limits['enum_values']} enum values in total within a schema when using "
            f"structured outputs, found {values}."
        )
    for sub, enum in enums:
        length = sum(len(value) for value in enum if isinstance(value, str))
        if len(enum) > limits["large_enum_values"] and length > limits["large_enum_characters"]:
            raise _error(
                sub,
                f"the total length of an enum with more than {limits['large_enum_values']} values must not "
                f"exceed {limits['large_enum_characters']} characters.",
            )
    definitions = [
        name for sub in all_subschemas for key in ("$defs", "definitions") for name in sub.schema.get(key, ())
    ]
    texts = [value for _, enum in enums for value in enum if isinstance(value, str)]
    texts += [sub.schema["const"] for sub in all_subschemas if isinstance(sub.schema.get("const"), str)]
    length = sum(map(len, (*names, *definitions, *texts)))
    if length > limits["characters"]:
        raise InvalidSchema(
            f"the total length of property names, definition names, enum values and const values is {length} "
            f"characters, which exceeds the limit of {limits['characters']}."
        )


def _error(sub: SubSchema, message: str) -> InvalidSchema:
    context = repr(sub.context)
    return InvalidSchema(f"In context={context[:300]}, {message}")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_type(value: object) -> bool:
    names = value if isinstance(value, list) and value else [value]
    return all(isinstance(name, str) and name in _TYPES for name in names)


_NUMBER = ("a number", _is_number)
_COUNT = ("a non-negative integer", _is_count)
_STRING = ("a string", lambda value: isinstance(value, str))
_OBJECT = ("an object", lambda value: isinstance(value, dict))
_SCHEMAS = ("an array", lambda value: isinstance(value, list))
_KEYWORD_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "type": ("a type or an array of types", _is_type),
    "enum": ("a non-empty array", lambda value: isinstance(value, list) and bool(value)),
    "properties": _OBJECT,
    "$defs": _OBJECT,
    "definitions": _OBJECT,
    "required": (
        "an array of strings",
        lambda value: isinstance(value, list) and all(isinstance(name, str) for name in value),
    ),
    "additionalProperties": ("a boolean or an object", lambda value: isinstance(value, bool | dict)),
    "items": ("a schema", lambda value: isinstance(value, bool | dict)),
    "anyOf": _SCHEMAS,
    "oneOf": _SCHEMAS,
    "allOf": _SCHEMAS,
    "$ref": _STRING,
    "pattern": _STRING,
    "format": _STRING,
    "title": _STRING,
    "description": _STRING,
    "minLength": _COUNT,
    "maxLength": _COUNT,
    "minItems": _COUNT,
    "maxItems": _COUNT,
    "minimum": _NUMBER,
    "maximum": _NUMBER,
    "exclusiveMinimum": _NUMBER,
    "exclusiveMaximum": _NUMBER,
    "multipleOf": ("a positive number", lambda value: _is_number(value) and value > 0),
}
