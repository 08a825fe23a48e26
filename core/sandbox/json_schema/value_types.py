"""The values that a schema lists, compared with the types that it names."""

from collections.abc import Iterator, Mapping
from typing import Any

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "array": list,
}


def mistyped_values(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield each value of `enum` or `const` that has none of the types of *schema*, with its keyword."""
    types = schema.get("type", [])
    names = [types] if isinstance(types, str) else types
    values = [("enum", value) for value in schema.get("enum", ())]
    values += [("const", schema["const"])] if "const" in schema else []
    for keyword, value in values:
        if names and not any(_is_of_type(value, name) for name in names):
            yield keyword, value


def _is_of_type(value: Any, name: str) -> bool:
    if isinstance(value, bool):  # which is an int in Python
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return value.is_integer()
    return isinstance(value, _PYTHON_TYPES[name])
