"""Read the JSON Schema of a type annotation and of the arguments of `Field` from their syntax trees."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn

from core.errors.types import PlaygroundError
from core.extractor.pydantic_code.names import definition_name
from core.json_schema.schema import JsonSchema

_TYPES: dict[str, JsonSchema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "timedelta": {"type": "string", "format": "duration"},
    "UUID": {"type": "string", "format": "uuid"},
    "EmailStr": {"type": "string", "format": "email"},
    "IPv4Address": {"type": "string", "format": "ipv4"},
    "IPv6Address": {"type": "string", "format": "ipv6"},
    "list": {"type": "array", "items": {}},
    "List": {"type": "array", "items": {}},
    "dict": {"type": "object", "additionalProperties": True},
    "Dict": {"type": "object", "additionalProperties": True},
}
_KEYWORDS = {
    "title": "title",
    "description": "description",
    "examples": "examples",
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}
# Keywords of the value itself, also if it may be null instead.
_CONSTRAINTS = {"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf", "pattern"}
_CONSTRAINTS |= {"minLength", "maxLength", "minItems", "maxItems"}
_MAX_DEPTH = 30
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", type(None): "null"}


class CodeError(PlaygroundError):
    """The code says something that a schema cannot, or is not Python."""


@dataclass(frozen=True, slots=True)
class FieldArguments:
    """The arguments of a field; `is_required` if it has no default, `extra` is `json_schema_extra`."""

    is_required: bool = True
    alias: str = ""
    keywords: Mapping[str, Any] = field(default_factory=dict)
    length: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def fail(node: ast.AST, reason: str) -> NoReturn:
    line = getattr(node, "lineno", 1)
    raise CodeError(f"Line {line}: {reason}.", "The code is read as a schema and never executed.")


def literal_value(node: ast.expr) -> Any:
    """Return the value of a literal made of JSON types."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        fail(node, "a literal value is expected here")
    if not _is_json(value):
        fail(node, "this value does not exist in JSON")
    return value


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return (
        value is None or isinstance(value, str | bool | int) or (isinstance(value, float) and isfinite(value))
    )


def field_call(node: ast.expr | None) -> FieldArguments:
    """Return the arguments of `= Field(...)`, or of a plain default; None is a field without either."""
    if node is None or _is_ellipsis(node):
        return FieldArguments()
    if not (isinstance(node, ast.Call) and _name(node.func) == "Field"):
        return FieldArguments(False, keywords={"default": literal_value(node)})
    arguments = {item.arg or "**": item.value for item in node.keywords}
    if node.args:
        arguments["default"] = node.args[0]
    default, factory = arguments.pop("default", None), arguments.pop("default_factory", None)
    alias = arguments.pop("alias", None)
    keywords: dict[str, Any] = {}
    length: dict[str, Any] = {}
    extra: dict[str, Any] = {}
    is_required = factory is None and (default is None or _is_ellipsis(default))
    if not is_required and default is not None:
        keywords["default"] = literal_value(default)
    for name, value in arguments.items():
        match name:
            case "min_length" | "max_length":
                length[name] = literal_value(value)
            case "json_schema_extra" if isinstance(value, ast.Dict):
                extra = literal_value(value)
            case _:
                keyword = _KEYWORDS.get(name) or fail(node, f"{name} of Field is not supported here")
                keywords[keyword] = literal_value(value)
    return FieldArguments(is_required, str(literal_value(alias)) if alias else "", keywords, length, extra)


@dataclass(frozen=True, slots=True)
class AnnotationParser:
    """Reads annotations; *aliases* are the types that the module has assigned to names."""

    aliases: Mapping[str, ast.expr]

    def parse(self, node: ast.expr, depth: int = 0) -> JsonSchema:
        """Return the schema of an annotation. A name that is no known type is a reference to a class."""
        # An alias can refer to itself.
        if depth > _MAX_DEPTH:
            fail(node, "the type contains itself or is too deep")
        match node:
            case ast.Constant(value=None):
                return {"type": "null"}
            case ast.Constant(value=str(text)):
                return self.parse(_type_of_text(node, text), depth + 1)
            case ast.BinOp(op=ast.BitOr()):
                return self._union(_union_members(node), depth)
            case ast.Name() | ast.Attribute():
                return self._named(node, depth)
            case ast.Subscript(value=value, slice=arguments):
                items = arguments.elts if isinstance(arguments, ast.Tuple) else [arguments]
                return self._generic(node, _name(value), items, depth)
        fail(node, "this type is not supported here")

    def parse_field(self, node: ast.AnnAssign) -> tuple[JsonSchema, str, bool]:
        """Return the schema of a field, its alias, and whether it is required."""
        own = field_call(node.value)
        schema = self.with_arguments(self.parse(node.annotation), own, node)
        fields = [*self._annotated_fields(node.annotation), own]
        alias = next((arguments.alias for arguments in reversed(fields) if arguments.alias), "")
        if node.value is not None and _is_ellipsis(node.value):  # instead of a default in Annotated
            return {key: value for key, value in schema.items() if key != "default"}, alias, True
        return schema, alias, all(arguments.is_required for arguments in fields)

    def _annotated_fields(self, node: ast.expr) -> list[FieldArguments]:
        """Return the Fields of an annotation that apply to the field itself, not to a part of its type."""
        match node:
            case ast.Constant(value=str(text)):
                return self._annotated_fields(_type_of_text(node, text))
            case ast.Name(id=name) if name in self.aliases:
                return self._annotated_fields(self.aliases[name])
            case ast.Subscript(value=value, slice=ast.Tuple(elts=[item, *metadata])) if (
                _name(value) == "Annotated"
            ):
                return [*self._annotated_fields(item), *_fields(metadata)]
        return []

    def with_arguments(self, schema: JsonSchema, arguments: FieldArguments, node: ast.AST) -> JsonSchema:
        """Return *schema* with the keywords of a Field, as Pydantic places them."""
        keywords = dict(arguments.keywords)
        value, variants = schema, schema.get("anyOf")
        if isinstance(variants, list) and len(variants) == 2 and variants[1] == {"type": "null"}:
            value = variants[0]
        for name, number in arguments.length.items():
            suffix = "Items" if value.get("type") == "array" else "Length"
            keywords[name.partition("_")[0] + suffix] = number
        if value is schema:
            return {**schema, **keywords, **arguments.extra}
        if (
            constraints := {key: keywords.pop(key) for key in _CONSTRAINTS & keywords.keys()}
        ) and "$ref" in value:
            fail(node, "a constraint needs a type, not a model")
        variants = [{**value, **constraints}, {"type": "null"}]
        return {**schema, "anyOf": variants, **keywords, **arguments.extra}

    def _named(self, node: ast.expr, depth: int) -> JsonSchema:
        name = _name(node)
        if name in self.aliases:
            return self.parse(self.aliases[name], depth + 1)
        if name in _TYPES:
            return dict(_TYPES[name])
        if (
            not name
            or not name[:1].isidentifier()
            or name in ("Decimal", "set", "tuple", "bytes", "object", "complex")
        ):
            fail(node, f"the type {name} is not supported here")
        return {"$ref": f"#/$defs/{definition_name(name)}"}

    def _union(self, members: list[ast.expr], depth: int) -> JsonSchema:
        variants: list[JsonSchema] = []
        for member in members:
            schema = self.parse(member, depth + 1)
            nested = schema["anyOf"] if schema.keys() == {"anyOf"} else [schema]
            variants += [variant for variant in nested if variant not in variants]
        # Pydantic writes null last.
        variants.sort(key=lambda variant: variant == {"type": "null"})
        return variants[0] if len(variants) == 1 else {"anyOf": variants}

    def _generic(self, node: ast.expr, name: str, items: list[ast.expr], depth: int) -> JsonSchema:
        match name, items:
            case "list" | "List" | "Sequence", [item]:
                return {"type": "array", "items": self.parse(item, depth + 1)}
            case "dict" | "Dict", [ast.Name(id="str"), value]:
                return {"type": "object", "additionalProperties": self.parse(value, depth + 1) or True}
            case "Optional", [item]:
                return self._union([item, ast.Constant(None)], depth)
            case "Union", _:
                return self._union(items, depth)
            case "Literal", _:
                return _literal_schema([literal_value(item) for item in items])
            case "Annotated", [item, *metadata]:
                schema = self.parse(item, depth + 1)
                for arguments in _fields(metadata):
                    schema = self.with_arguments(schema, arguments, node)
                return schema
        fail(node, f"the type {name}[…] is not supported here")


def _fields(metadata: list[ast.expr]) -> list[FieldArguments]:
    """Return the Fields in the metadata of Annotated, where Pydantic ignores plain values such as texts.

    Other calls and names could change the schema, as `Ge(1)` does.
    """
    for node in metadata:
        is_field = isinstance(node, ast.Call) and _name(node.func) == "Field"
        if not is_field and not isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Dict):
            fail(node, "only Field and plain values are supported in Annotated")
    return [field_call(node) for node in metadata if isinstance(node, ast.Call)]


def _type_of_text(node: ast.expr, text: str) -> ast.expr:
    """Return the type that a forward reference, a text, contains."""
    try:
        return ast.copy_location(ast.parse(text, mode="eval").body, node)
    except SyntaxError:
        fail(node, f"{text[:40]!r} is not a type")


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _literal_schema(values: list[Any]) -> JsonSchema:
    types = {type(value) for value in values}
    if not values or not types <= _JSON_TYPES.keys():
        raise CodeError("A Literal contains values that a schema cannot list.", "Use texts and integers.")
    schema: JsonSchema = {"const": values[0]} if len(values) == 1 else {"enum": values}
    return {**schema, "type": _JSON_TYPES[types.pop()]} if len(types) == 1 else schema


def _union_members(node: ast.expr) -> list[ast.expr]:
    members: list[ast.expr] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        members.insert(0, node.right)
        node = node.left
    return [node, *members]


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
