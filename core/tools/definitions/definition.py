"""What a tool is: a definition that is sent to the model, a check of the arguments, and a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Schema = dict[str, Any]

# Of objects and arrays, of numbers and strings, and of any value.
_STRICT_KEYWORDS = {"properties", "required", "additionalProperties", "items", "minItems", "maxItems"}
_STRICT_KEYWORDS |= {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_STRICT_KEYWORDS |= {"pattern", "format", "type", "enum", "const", "anyOf", "$ref", "$defs"}
_STRICT_KEYWORDS |= {"title", "description"}
# Whether strict mode takes these is undocumented. The arguments are validated with them all the same.
_OMITTED_KEYWORDS = {"default", "minLength", "maxLength"}
_MAX_DEPTH = 10


class InvalidArguments(ValueError):
    """The arguments do not match the parameters of the tool. The message is sent to the model."""


class NotStrict(ValueError):
    """A schema cannot be sent with `strict`, for the reason in the message."""


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """The name, the description and the JSON Schema of the parameters, the same for every API."""

    name: str
    description: str
    parameters: Schema

    def parameters_for(self, strict: bool) -> tuple[Schema, bool]:
        """Return the parameters to send and whether they are strict, which not every schema can be."""
        if not strict:
            return self.parameters, False
        try:
            return strict_schema(self.parameters), True
        except NotStrict:
            return self.parameters, False


class Tool(Protocol):
    """A tool of any origin: a Python function, a declaration without code, a tool of a server."""

    @property
    def definition(self) -> ToolDefinition: ...

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a call, converted to the types of the tool. Raises InvalidArguments."""

    async def call(self, arguments: Mapping[str, Any]) -> object:
        """Call the tool with validated arguments and return its result. Raises anything."""


def strict_schema(schema: Mapping[str, Any]) -> Schema:
    """Return *schema* in the strict subset: every property is required, and optional ones may be null.

    A default is left out: null stands for it. Raises NotStrict.
    """
    if schema.get("type") != "object":
        raise NotStrict("The parameters must be an object.")
    return _strict(schema, _MAX_DEPTH)


def _check_strict(schema: Mapping[str, Any], depth: int) -> None:
    if depth < 0:
        raise NotStrict(f"The schema has more than {_MAX_DEPTH} levels.")
    if unsupported := sorted(map(str, schema.keys() - _STRICT_KEYWORDS - _OMITTED_KEYWORDS)):
        raise NotStrict(f"The strict subset does not support {', '.join(unsupported)}.")
    if schema.get("additionalProperties") not in (None, False):
        raise NotStrict("An object with any properties cannot be strict.")


def _strict(schema: object, depth: int) -> Schema:
    if not isinstance(schema, Mapping):
        raise NotStrict("A property has no schema.")
    _check_strict(schema, depth)
    strict = {key: value for key, value in schema.items() if key not in _OMITTED_KEYWORDS}
    if "properties" in strict or strict.get("type") == "object":
        strict["properties"] = properties = {
            name: _strict(value, depth - 1) if name in schema.get("required", ()) else _optional(value, depth)
            for name, value in schema.get("properties", {}).items()
        }
        strict |= {"required": [*properties], "additionalProperties": False}
    if "items" in strict:
        strict["items"] = _strict(schema["items"], depth - 1)
    if "anyOf" in strict:
        strict["anyOf"] = [_strict(option, depth - 1) for option in schema["anyOf"]]
    if "$defs" in strict:
        strict["$defs"] = {name: _strict(value, depth - 1) for name, value in schema["$defs"].items()}
    return strict


def _optional(property_schema: object, depth: int) -> Schema:
    schema = _strict(property_schema, depth - 1)
    options = schema.get("anyOf", [schema])
    if {"type": "null"} in options:
        return schema
    if isinstance(schema.get("type"), str) and not {"enum", "const"} & schema.keys():
        return {**schema, "type": [schema["type"], "null"]}
    description = {"description": schema["description"]} if "description" in schema else {}
    plain = {key: value for key, value in schema.items() if key != "description"}
    return {**description, "anyOf": [*plain.get("anyOf", [plain]), {"type": "null"}]}
