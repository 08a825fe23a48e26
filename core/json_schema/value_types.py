"""The values that a schema lists, compared with the types that it declares."""

from collections.abc import Iterator
from typing import Any

from core.json_schema.schema import JsonSchema

_PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def wrong_values(node: JsonSchema) -> Iterator[tuple[str, list[Any]]]:
    """Yield `enum` and `const` with those of their values that have none of the types of *node*, if any."""
    declared = node.get("type")
    types: list[Any] = declared if isinstance(declared, list) else [declared]
    if not all(isinstance(name, str) and name in _PYTHON_TYPES for name in types):
        return
    enum = node.get("enum")
    for keyword, values in (
        ("enum", enum if isinstance(enum, list) else []),
        ("const", [node["const"]] if "const" in node else []),
    ):
        if wrong := [value for value in values if not any(_is_of_type(value, name) for name in types)]:
            yield keyword, wrong


def _is_of_type(value: Any, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    if isinstance(value, float) and name == "integer":
        return value.is_integer()
    return isinstance(value, _PYTHON_TYPES[name])
