"""Where the schema of a Pydantic model differs from another in the values that it allows or describes."""

import copy
import json
from typing import Any

from core.json_schema.schema import JsonSchema, SchemaPath, canonical_json, walk

# They neither restrict a value nor tell the model what to extract.
_ANNOTATIONS = ("title", "$schema", "$id", "$comment", "examples")
_JSON_TYPES: dict[type, set[str]] = {
    str: {"string"},
    bool: {"boolean"},
    int: {"integer", "number"},
    float: {"number"},
    type(None): {"null"},
    list: {"array"},
    dict: {"object"},
}


def first_difference(a: JsonSchema, b: JsonSchema) -> SchemaPath | None:
    """Return the path of the first keyword in which the schemas differ; None if they mean the same."""
    return _difference(_normalized(a), _normalized(b), ())


def _normalized(schema: JsonSchema) -> JsonSchema:
    result = copy.deepcopy(schema)
    for _path, node in walk(result):
        for keyword in _ANNOTATIONS:
            node.pop(keyword, None)
        if "default" in node and node["default"] is None:  # the SDK removes it, too
            del node["default"]
        if "const" in node:
            node.setdefault("enum", [node.pop("const")])
        if _is_type_redundant(node):
            del node["type"]
    normalized: JsonSchema = json.loads(canonical_json(result))
    return normalized


def _is_type_redundant(node: JsonSchema) -> bool:
    """Whether each value of the enum has the type of *node*."""
    declared, values = node.get("type"), node.get("enum")
    if not declared or not isinstance(values, list):
        return False
    types = {declared} if isinstance(declared, str) else set(declared)
    return all(types & _JSON_TYPES[type(value)] for value in values)


def _difference(a: Any, b: Any, path: SchemaPath) -> SchemaPath | None:
    if json.dumps(a) == json.dumps(b):
        return None
    a_children, b_children = _children(a), _children(b)
    # The values of a list of other things than schemas, such as an enum, have no path of their own.
    for step in {**a_children, **b_children} if type(a) is type(b) else ():
        if step not in a_children or step not in b_children:
            return (*path, step) if isinstance(step, str) else path
        if difference := _difference(a_children[step], b_children[step], (*path, step)):
            return difference
    return path


def _children(value: Any) -> dict[str | int, Any]:
    if isinstance(value, list):
        return {index: item for index, item in enumerate(value) if isinstance(item, dict)}
    return value if isinstance(value, dict) else {}
