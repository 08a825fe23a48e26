"""Check a schema against the subset of JSON Schema that strict mode accepts, and measure its limits."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from core.json_schema.schema import (
    JsonSchema,
    SchemaDocument,
    SchemaPath,
    children,
    field_path,
    is_circular_ref,
    resolve_ref,
    walk,
)
from core.json_schema.value_types import wrong_values
from core.paths import DATA

Rule = Literal[
    "root",
    "additionalProperties",
    "free-form",
    "required",
    "unknown-required",
    "keyword",
    "format",
    "ref-siblings",
    "ref",
    "type",
    "items",
    "enum",
    "name",
    "limit",
]
Severity = Literal["error", "warning"]

_MAX_VALUE = 80  # characters of a value in a message
_VALID_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Finding:
    """What strict mode refuses at *path*, and *subject*, the keyword, property or format it is about.

    A warning is what the API may accept: its documentation and reports disagree. *fix* says what the
    automatic correction does; it is empty if there is none.
    """

    path: SchemaPath
    rule: Rule
    subject: str
    message: str
    fix: str = ""
    severity: Severity = "error"

    @property
    def field(self) -> str:
        """The path of the field that it is about; `$` is the root."""
        is_property = self.rule in ("required", "unknown-required")
        return field_path((*self.path, "properties", self.subject) if is_property else self.path)


@dataclass(frozen=True, slots=True)
class Limit:
    """How much of a limit a schema uses."""

    name: str
    used: int
    maximum: int


@dataclass(frozen=True, slots=True)
class StrictRules:
    """The facts of `data/structured_outputs.json`."""

    limits: dict[str, int]
    formats: frozenset[str]
    keywords: frozenset[str]
    uncertain_keywords: frozenset[str]
    source: str
    as_of: str


@cache
def strict_rules() -> StrictRules:
    facts = json.loads((DATA / "structured_outputs.json").read_text(encoding="utf-8"))
    return StrictRules(
        facts["limits"],
        frozenset(facts["formats"]),
        frozenset((*facts["keywords"], *facts["annotations"])),
        frozenset(facts["uncertain_keywords"]),
        facts["sources"]["guide"],
        facts["as_of"],
    )


def check(document: SchemaDocument) -> list[Finding]:
    """Return what strict mode refuses, in the order of the schema."""
    findings = [
        finding
        for path, node in walk(document.schema)
        for rule in _RULES
        for finding in rule(path, node, document.schema)
    ]
    if not _VALID_NAME.fullmatch(document.name):
        message = "The name may contain letters, digits, _ and - only, 64 at most."
        findings.insert(0, Finding((), "name", document.name, message))
    for limit in limits(document.schema):
        if limit.used > limit.maximum:
            message = f"{limit.name}: {limit.used:,} of at most {limit.maximum:,}."
            findings.append(Finding((), "limit", limit.name, message))
    return findings


def limits(schema: JsonSchema) -> tuple[Limit, ...]:
    """Measure *schema* against the limits of strict mode."""
    nodes = [node for _path, node in walk(schema)]
    names = [name for node in nodes for name in _mapping(node, "properties")]
    definitions = [name for node in nodes for key in ("$defs", "definitions") for name in _mapping(node, key)]
    enums = [node["enum"] for node in nodes if isinstance(node.get("enum"), list)]
    constants = [str(node["const"]) for node in nodes if "const" in node]
    values = [str(value) for enum in enums for value in enum]
    maximum = strict_rules().limits
    large = [enum for enum in enums if len(enum) > maximum["large_enum_values"]]
    large_size = max((sum(len(str(value)) for value in enum) for enum in large), default=0)
    return (
        Limit("Properties", len(names), maximum["properties"]),
        Limit("Levels of nesting", _depth(schema, schema, {}), maximum["nesting"]),
        Limit("Enum values", len(values), maximum["enum_values"]),
        Limit(
            "Characters in names and enum values",
            sum(map(len, (*names, *definitions, *values, *constants))),
            maximum["characters"],
        ),
        Limit(
            f"Characters in an enum of more than {maximum['large_enum_values']} values",
            large_size,
            maximum["large_enum_characters"],
        ),
    )


def _depth(node: JsonSchema, root: JsonSchema, depths: dict[int, int]) -> int:
    """Count the levels of nested objects; a recursive reference counts once.

    *depths* are those of the schemas so far, because a schema can be referenced from many places.
    """
    if id(node) not in depths:
        depths[id(node)] = 0  # what a reference to itself adds
        nested = [child for path, child in children(node) if path[0] not in ("$defs", "definitions")]
        if target := resolve_ref(root, node.get("$ref")):
            nested.append(target)
        deepest = max((_depth(child, root, depths) for child in nested), default=0)
        depths[id(node)] = ("properties" in node) + deepest
    return depths[id(node)]


def _mapping(node: JsonSchema, keyword: str) -> dict[str, Any]:
    value = node.get(keyword)
    return value if isinstance(value, dict) else {}


def _is_object(node: JsonSchema) -> bool:
    declared = node.get("type")
    return (
        declared == "object" or (isinstance(declared, list) and "object" in declared) or "properties" in node
    )


def is_nullable(node: JsonSchema) -> bool:
    """Whether null is valid for *node*, as far as its own keywords say."""
    declared = node.get("type")
    variants = node.get("anyOf")
    return (
        declared == "null"
        or (isinstance(declared, list) and "null" in declared)
        or (
            isinstance(variants, list)
            and any(v.get("type") == "null" for v in variants if isinstance(v, dict))
        )
    )


def _check_root(path: SchemaPath, node: JsonSchema, _root: JsonSchema) -> Iterator[Finding]:
    if path == () and (node.get("type") != "object" or "anyOf" in node):
        is_ref = "$ref" in node
        fix = "Insert the referenced schema" if is_ref else "Put the schema into a property of an object"
        yield Finding(path, "root", "", "The root must be an object without anyOf.", fix)


def _check_object(path: SchemaPath, node: JsonSchema, _root: JsonSchema) -> Iterator[Finding]:
    if not _is_object(node):
        return
    properties = _mapping(node, "properties")
    allowed = node.get("additionalProperties")
    if isinstance(allowed, dict) and not properties:
        message = "Arbitrary keys are not supported: each must be a property."
        yield Finding(path, "free-form", "", message, "Use a list of objects with key and value")
    elif allowed is not False:
        message = "additionalProperties must be false: no other keys are allowed."
        yield Finding(path, "additionalProperties", "", message, "Set additionalProperties to false")
    required = node.get("required")
    names = required if isinstance(required, list) else []
    for name, child in properties.items():
        if name not in names:
            nullable = isinstance(child, dict) and (is_nullable(child) or "$ref" in child)
            fix = "Require it" if nullable else "Require it, and allow null"
            message = "It must be in required: strict mode has no optional properties."
            yield Finding(path, "required", name, message, fix)
    for name in names:
        if name not in properties:
            message = "It is in required, but is not a property."
            yield Finding(path, "unknown-required", str(name), message, "Remove it from required")


def _check_keywords(path: SchemaPath, node: JsonSchema, _root: JsonSchema) -> Iterator[Finding]:
    rules = strict_rules()
    for keyword, value in node.items():
        if keyword not in rules.keywords:
            yield Finding(
                path, "keyword", keyword, f"{keyword} is not supported.", _keyword_fix(keyword, value)
            )
        elif keyword in rules.uncertain_keywords:
            message = f"{keyword} may not be supported by every model."
            yield Finding(path, "keyword", keyword, message, _keyword_fix(keyword, value), "warning")
        elif keyword == "format" and value not in rules.formats:
            message = f"The format {value} is not supported."
            yield Finding(path, "format", keyword, message, "Move it to the description")


def _keyword_fix(keyword: str, value: Any) -> str:
    if keyword == "oneOf":
        return "Use anyOf"
    if keyword == "allOf":
        return "Merge its schemas"
    return "Remove it" if value is None else "Move it to the description"


def _check_reference(path: SchemaPath, node: JsonSchema, root: JsonSchema) -> Iterator[Finding]:
    if "$ref" not in node:
        return
    if resolve_ref(root, node["$ref"]) is None:
        yield Finding(path, "ref", str(node["$ref"]), f"{node['$ref']} is not part of the schema.")
    elif is_circular_ref(root, node["$ref"]):
        yield Finding(path, "ref", str(node["$ref"]), f"{node['$ref']} refers only to itself.")
    elif len(node) > 1 and path:
        siblings = ", ".join(sorted(node.keys() - {"$ref"}))
        message = f"$ref cannot have other keywords: {siblings}."
        yield Finding(path, "ref-siblings", "$ref", message, "Insert the referenced schema")


def _check_type(path: SchemaPath, node: JsonSchema, _root: JsonSchema) -> Iterator[Finding]:
    has_type = {"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"} & node.keys() or _is_object(node)
    if path and not has_type:
        yield Finding(path, "type", "type", "It has no type: strict mode does not allow values of any type.")
    declared = node.get("type")
    is_array = declared == "array" or (isinstance(declared, list) and "array" in declared)
    if is_array and not isinstance(node.get("items"), dict):
        yield Finding(
            path, "items", "items", "It is an array without items: strict mode needs the schema of an item."
        )


def _check_values(path: SchemaPath, node: JsonSchema, _root: JsonSchema) -> Iterator[Finding]:
    for keyword, wrong in wrong_values(node):
        declared = node["type"]
        types = declared if isinstance(declared, str) else " or ".join(declared)
        value = json.dumps(wrong[0], ensure_ascii=False)[:_MAX_VALUE]
        more = f" ({len(wrong) - 1:,} more)" if len(wrong) > 1 else ""
        yield Finding(path, "enum", keyword, f"The {keyword} value {value} is not of type {types}{more}.")


_RULES: tuple[Callable[[SchemaPath, JsonSchema, JsonSchema], Iterator[Finding]], ...] = (
    _check_root,
    _check_object,
    _check_keywords,
    _check_reference,
    _check_type,
    _check_values,
)
