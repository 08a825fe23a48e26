"""A schema as a tree of fields, the form that the field table edits.

What a field does not name is preserved in its keywords, so nothing is lost; a schema that has another
structure is not representable.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn, get_args

from core.json_schema.schema import JsonSchema, NotRepresentable, SchemaPath, field_path, is_same_schema

FieldType = Literal["string", "integer", "number", "boolean", "object"]
# How null is allowed: not at all, as a second type, or as a variant of anyOf, as Pydantic writes it.
NullForm = Literal["", "type", "anyOf"]

FIELD_TYPES: tuple[FieldType, ...] = get_args(FieldType)
_HINT = "Edit it as JSON Schema."


@dataclass(frozen=True, slots=True)
class Field:
    """A property. The type, enum and children are those of an item if it is a list.

    `keywords` are further keywords of the value, `list_keywords` of the array around it, and `null_keywords`
    of the anyOf around both. The description is that of the outermost of them.
    """

    name: str
    type: FieldType = "string"
    description: str = ""
    required: bool = True
    null_form: NullForm = ""
    is_list: bool = False
    enum: tuple[Any, ...] | None = None
    children: tuple["Field", ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    list_keywords: Mapping[str, Any] = field(default_factory=dict)
    null_keywords: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldTree:
    """The fields of the root object, and the further keywords of the root."""

    fields: tuple[Field, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)


def fields_of(schema: JsonSchema) -> FieldTree:
    """Return *schema* as fields. Raises NotRepresentable."""
    if schema.get("type") != "object":
        raise NotRepresentable("The table needs an object at the root.", _HINT)
    tree = FieldTree(_children(schema, ()), _without(schema, "type", "properties", "required"))
    if not is_same_schema(schema_of(tree), schema):
        raise NotRepresentable("The table cannot represent this schema without losing a part of it.", _HINT)
    return tree


def schema_of(tree: FieldTree) -> JsonSchema:
    """Return the schema of the fields."""
    return {"type": "object", **_object_keywords(tree.fields), **tree.keywords}


def _children(schema: JsonSchema, path: SchemaPath) -> tuple[Field, ...]:
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        _fail(path, "has no properties")
    return tuple(
        _field(name, child, name in required, (*path, "properties", name))
        for name, child in properties.items()
    )


def _field(name: str, schema: Any, required: bool, path: SchemaPath) -> Field:
    if any(mark in name for mark in (".", "[")) or not name.strip() or name != name.strip():
        _fail(path, "has a name with a dot, a bracket or a space at its end")
    description = schema.get("description", "") if isinstance(schema, dict) else ""
    if not isinstance(description, str):
        _fail(path, "has a description that is not text")
    null_form, null_keywords, inner = _split_null(_without(_object(schema, path), "description"), path)
    is_list = inner.get("type") == "array"
    list_keywords = _without(inner, "type", "items") if is_list else {}
    value = _object(inner.get("items"), path) if is_list else inner
    declared = value.get("type")
    if declared not in FIELD_TYPES:
        _fail(path, f"has the type {declared!r}" if declared else "has no type of its own")
    enum = value.get("enum")
    if isinstance(enum, list) and None in enum[:-1]:
        _fail(path, "has null before the end of its enum")
    if isinstance(enum, list) and declared == "string" and not all(isinstance(v, str | None) for v in enum):
        _fail(path, "has an enum with values that are not text")
    own = ("type", "enum", "properties", "required") if declared == "object" else ("type", "enum")
    return Field(
        name,
        declared,
        description,
        required,
        null_form,
        is_list,
        tuple(enum) if isinstance(enum, list) else None,
        _children(value, path) if declared == "object" else (),
        _without(value, *own),
        list_keywords,
        null_keywords,
    )


def _split_null(schema: JsonSchema, path: SchemaPath) -> tuple[NullForm, JsonSchema, JsonSchema]:
    """Return how null is allowed, the keywords of the anyOf that allows it, and the schema without null."""
    declared = schema.get("type")
    if isinstance(declared, list):
        if len(declared) != 2 or declared[1] != "null":
            _fail(path, "has several types")
        return "type", {}, {**schema, "type": declared[0]}
    if "anyOf" not in schema:
        return "", {}, schema
    variants = schema["anyOf"]
    if not isinstance(variants, list) or len(variants) != 2 or variants[1] != {"type": "null"}:
        _fail(path, "is one of several schemas")
    return "anyOf", _without(schema, "anyOf"), _object(variants[0], path)


def _fail(path: SchemaPath, reason: str) -> NoReturn:
    raise NotRepresentable(f"The table cannot represent {field_path(path)}: it {reason}.", _HINT)


def _object(schema: Any, path: SchemaPath) -> JsonSchema:
    if not isinstance(schema, dict):
        _fail(path, "is not an object of keywords")
    result: JsonSchema = schema
    return result


def _without(schema: Mapping[str, Any], *names: str) -> JsonSchema:
    return {name: value for name, value in schema.items() if name not in names}


def _object_keywords(fields: tuple[Field, ...]) -> JsonSchema:
    required = [child.name for child in fields if child.required]
    properties = {child.name: _field_schema(child) for child in fields}
    return {"properties": properties, **({"required": required} if required else {})}


def _field_schema(item: Field) -> JsonSchema:
    schema: JsonSchema = {"type": item.type}
    if item.enum is not None:
        schema["enum"] = list(item.enum)
    if item.type == "object":
        schema |= _object_keywords(item.children)
    schema |= item.keywords
    if item.is_list:
        schema = {"type": "array", "items": schema, **item.list_keywords}
    if item.null_form == "type":
        schema["type"] = [schema["type"], "null"]
    elif item.null_form == "anyOf":
        schema = {"anyOf": [schema, {"type": "null"}], **item.null_keywords}
    return {**schema, "description": item.description} if item.description else schema
