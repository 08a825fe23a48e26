"""Which keywords of a JSON Schema are arguments of `Field`."""

from typing import Any

from pydantic_core import SchemaError, SchemaValidator

_ANNOTATIONS = {"title", "description", "examples"}
_OF_NUMBERS = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
    "multipleOf": "multiple_of",
}
# Pydantic ignores a constraint of another type than these, sends it under its own name, or raises TypeError
# for each value.
_CONSTRAINTS = {
    "str": {"pattern": "pattern", "minLength": "min_length", "maxLength": "max_length"},
    "int": _OF_NUMBERS,
    "float": _OF_NUMBERS,
    "list": {"minItems": "min_length", "maxItems": "max_length"},
}


def field_argument(keyword: str, value: Any, type_name: str) -> str:
    """Return the argument of Field that means *keyword* for a value of the type.

    Empty if only `json_schema_extra` can contain the keyword.
    """
    if keyword in _ANNOTATIONS:
        return keyword
    argument = _CONSTRAINTS.get(type_name, {}).get(keyword, "")
    return argument if argument and _is_accepted(type_name, argument, value) else ""


def _is_accepted(type_name: str, argument: str, value: Any) -> bool:
    """Whether a class with the constraint can be defined; Pydantic refuses a pattern with look-around."""
    schema: Any = {"type": type_name, argument: value}
    try:
        SchemaValidator(schema)
    except SchemaError:
        return False
    return True
