"""The schema that the SDK sends for a Pydantic model: `chat.completions.parse` makes it strict."""

import copy
from typing import Any

from core.json_schema.schema import JsonSchema, resolve_ref


def sdk_strict(schema: JsonSchema) -> JsonSchema:
    """Return what `openai.lib._pydantic.to_strict_json_schema` makes of the JSON schema of a model.

    Raises RecursionError for references that contain themselves, as the SDK does.
    """
    root = copy.deepcopy(schema)
    strict: JsonSchema = _strict(root, root)
    return strict


def _strict(node: Any, root: JsonSchema) -> Any:
    if not isinstance(node, dict):
        return node
    result = {keyword: _strict_value(keyword, value, root) for keyword, value in node.items()}
    if isinstance(node.get("properties"), dict):
        result["required"] = list(node["properties"])
    if node.get("type") == "object":
        result.setdefault("additionalProperties", False)
    if len(result.get("allOf") or []) == 1:
        result.update(result.pop("allOf")[0])
    if "default" in result and result["default"] is None:
        del result["default"]
    if "$ref" in result and len(result) > 1:
        target = resolve_ref(root, result["$ref"]) or {}
        siblings = {keyword: value for keyword, value in result.items() if keyword != "$ref"}
        return _strict({**target, **siblings}, root)
    return result


def _strict_value(keyword: str, value: Any, root: JsonSchema) -> Any:
    if keyword in ("$defs", "definitions", "properties") and isinstance(value, dict):
        return {name: _strict(child, root) for name, child in value.items()}
    if keyword in ("anyOf", "allOf") and isinstance(value, list):
        return [_strict(variant, root) for variant in value]
    return _strict(value, root) if keyword == "items" else value
