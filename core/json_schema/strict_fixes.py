"""Correct what strict mode refuses in a schema."""

import copy
import difflib
import json
from collections.abc import Callable, Sequence
from typing import Any

from core.json_schema.schema import JsonSchema, SchemaDocument, resolve_ref, schema_at, schema_json
from core.json_schema.strict import Finding, Rule, check, is_nullable

# Correcting a schema can reveal another finding in what was inserted; a chain of references ends here.
_MAX_ROUNDS = 12
_MAX_DIFF_LINES = 1_000  # the time of a comparison grows with the square


def apply_fixes(document: SchemaDocument, findings: Sequence[Finding]) -> SchemaDocument:
    """Return *document* with those of its *findings* corrected that have a fix."""
    schema = copy.deepcopy(document.schema)
    # Inner schemas first: a correction may move them together with what is around them.
    for finding in sorted(findings, key=lambda finding: len(finding.path), reverse=True):
        if finding.fix:
            _FIXES[finding.rule](schema_at(schema, finding.path), schema, finding.subject)
    return SchemaDocument(document.name, schema)


def to_strict(document: SchemaDocument) -> SchemaDocument:
    """Return *document* with everything corrected that can be.

    For the schema of a Pydantic model without defaults the result is that of the SDK. The SDK leaves a
    default in the schema, which the API refuses.
    """
    for _ in range(_MAX_ROUNDS):
        findings = [finding for finding in check(document) if finding.fix and finding.severity == "error"]
        if not findings:
            break
        document = apply_fixes(document, findings)
    return document


def schema_diff(before: JsonSchema, after: JsonSchema) -> str:
    """Return a unified diff of the schemas as JSON; of long ones, that of their first lines."""
    old, new = (schema_json(schema).splitlines() for schema in (before, after))
    lines = difflib.unified_diff(
        old[:_MAX_DIFF_LINES], new[:_MAX_DIFF_LINES], "before", "after", lineterm="", n=2
    )
    diff = "\n".join(lines)
    is_cut = max(len(old), len(new)) > _MAX_DIFF_LINES
    return f"{diff}\n# Only the first {_MAX_DIFF_LINES:,} lines are compared." if is_cut else diff


def _wrap_root(node: JsonSchema, root: JsonSchema, _subject: str) -> None:
    definitions: JsonSchema = {
        key: node.pop(key) for key in ("$defs", "definitions", "$schema") if key in node
    }
    if "$ref" in node and (target := resolve_ref({**node, **definitions}, node["$ref"])):
        content = {**copy.deepcopy(target), **{key: value for key, value in node.items() if key != "$ref"}}
    elif "properties" in node and "anyOf" not in node:
        content = {**node, "type": "object"}
    else:
        content = {
            "type": "object",
            "properties": {"value": dict(node)},
            "required": ["value"],
            "additionalProperties": False,
        }
    root.clear()
    root.update(content | definitions)


def _close(node: JsonSchema, _root: JsonSchema, _subject: str) -> None:
    node["additionalProperties"] = False


def _list_of_entries(node: JsonSchema, _root: JsonSchema, _subject: str) -> None:
    entry = {
        "type": "object",
        "properties": {"key": {"type": "string"}, "value": node.pop("additionalProperties")},
        "required": ["key", "value"],
        "additionalProperties": False,
    }
    for keyword in ("properties", "required"):
        node.pop(keyword, None)
    declared = node.get("type")
    node["type"] = ["array", "null"] if isinstance(declared, list) and "null" in declared else "array"
    node["items"] = entry


def _require(node: JsonSchema, _root: JsonSchema, name: str) -> None:
    names = node.get("required") if isinstance(node.get("required"), list) else []
    required = {*(names or []), name}
    node["required"] = [prop for prop in node["properties"] if prop in required]
    child = node["properties"][name]
    if isinstance(child, dict) and not is_nullable(child) and "$ref" not in child:
        _allow_null(child)


def _allow_null(node: JsonSchema) -> None:
    declared = node.get("type")
    if declared and "anyOf" not in node:
        node["type"] = [*(declared if isinstance(declared, list) else [declared]), "null"]
        if isinstance(node.get("enum"), list):
            node["enum"] = [*node["enum"], None]
    elif isinstance(node.get("anyOf"), list):
        node["anyOf"] = [*node["anyOf"], {"type": "null"}]


def _remove_required(node: JsonSchema, _root: JsonSchema, name: str) -> None:
    node["required"] = [prop for prop in node["required"] if str(prop) != name]


def _replace_keyword(node: JsonSchema, root: JsonSchema, keyword: str) -> None:
    value = node.pop(keyword)
    if keyword == "oneOf" and isinstance(value, list) and "anyOf" not in node:
        node["anyOf"] = value
    elif keyword == "allOf" and isinstance(value, list):
        for part in value:
            _merge(node, _inlined(part, root))
    elif value is not None:
        _describe(node, f"{keyword}: {json.dumps(value, ensure_ascii=False)}")


def _describe(node: JsonSchema, rule: str) -> None:
    """Tell the model in words what the schema cannot say."""
    node["description"] = f"{node.get('description', '')} ({rule})".strip()


def _inlined(part: Any, root: JsonSchema) -> JsonSchema:
    if not isinstance(part, dict):
        return {}
    target = resolve_ref(root, part.get("$ref"))
    rest = {key: value for key, value in part.items() if key != "$ref"}
    return {**copy.deepcopy(target), **rest} if target else part


def _merge(node: JsonSchema, part: JsonSchema) -> None:
    for keyword, value in part.items():
        if keyword == "properties" and isinstance(node.get(keyword), dict) and isinstance(value, dict):
            node[keyword] = {**node[keyword], **value}
        elif keyword == "required" and isinstance(node.get(keyword), list):
            node[keyword] = list(dict.fromkeys([*node[keyword], *value]))
        elif keyword not in node or keyword == "additionalProperties":
            node[keyword] = value
        elif node[keyword] != value and keyword not in ("title", "description"):
            _describe(node, f"{keyword}: {json.dumps(value, ensure_ascii=False)}")


def _insert_reference(node: JsonSchema, root: JsonSchema, _subject: str) -> None:
    inlined = _inlined(dict(node), root)
    node.clear()
    node.update(inlined)


def _move_format(node: JsonSchema, _root: JsonSchema, keyword: str) -> None:
    _describe(node, f"{keyword}: {node.pop(keyword)}")


_FIXES: dict[Rule, Callable[[JsonSchema, JsonSchema, str], None]] = {
    "root": _wrap_root,
    "additionalProperties": _close,
    "free-form": _list_of_entries,
    "required": _require,
    "unknown-required": _remove_required,
    "keyword": _replace_keyword,
    "format": _move_format,
    "ref-siblings": _insert_reference,
}
