"""How a schema says what a Pydantic model says, so that code and schema can be converted both ways.

A Pydantic model has one JSON Schema, which the SDK makes strict. Schemas written by hand say the same in
fewer words: without titles, with nested objects in place, and with null as a second type.
"""

import copy
from dataclasses import dataclass
from typing import Any

from core.extractor.pydantic_code.names import definition_name
from core.extractor.pydantic_code.sdk_schema import sdk_strict
from core.json_schema.schema import JsonSchema, NotRepresentable, resolve_ref, walk


@dataclass(frozen=True, slots=True)
class SchemaStyle:
    """The differences from the schema that Pydantic generates.

    *strict*: as the SDK changes it; *titles*: with default titles; *inline*: without $defs; *type_null*: with
    null as a second type instead of anyOf.
    """

    strict: bool = True
    titles: bool = False
    inline: bool = True
    type_null: bool = True


# As `chat.completions.parse` sends it.
SDK_STYLE = SchemaStyle(strict=True, titles=True, inline=False, type_null=False)


def default_title(name: str) -> str:
    """Return the title that Pydantic gives to a field."""
    return name.title().replace("_", " ").strip()


def style_of(schema: JsonSchema) -> SchemaStyle:
    """Return the style in which *schema* was probably written."""
    nodes = [node for _path, node in walk(schema)]
    has_null_variant = any(
        {"type": "null"} in variants for node in nodes if isinstance(variants := node.get("anyOf"), list)
    )
    return SchemaStyle(
        strict=all(
            node.get("additionalProperties") is False
            and set(node["properties"]) == set(node.get("required", []))
            for node in nodes
            if "properties" in node
        ),
        titles="title" in schema,
        inline="$defs" not in schema,
        # A schema without null gets the shorter form.
        type_null=any(isinstance(node.get("type"), list) for node in nodes) or not has_null_variant,
    )


def apply_style(model_schema: JsonSchema, style: SchemaStyle) -> JsonSchema:
    """Return the schema of a Pydantic model in another *style*.

    Raises NotRepresentable if a model contains itself, which only references can express.
    """
    schema = sdk_strict(model_schema) if style.strict else copy.deepcopy(model_schema)
    if not style.titles:
        schema = _without_titles(schema)
    if style.inline and "$defs" in schema:
        schema = _inlined({key: value for key, value in schema.items() if key != "$defs"}, schema, ())
    if style.type_null:
        for _path, node in walk(schema):
            _use_second_type(node)
    return schema


def _without_titles(schema: JsonSchema) -> JsonSchema:
    """Remove the titles that Pydantic would generate: class names, and field names in words."""
    result = copy.deepcopy(schema)
    result.pop("title", None)
    class_names = set(result.get("$defs", {}))
    for _path, node in walk(result):
        # The SDK inserts a definition in place of a reference with a description, title included.
        if definition_name(str(node.get("title", ""))) in class_names:
            del node["title"]
        for name, child in node.get("properties", {}).items():
            if child.get("title") == default_title(name):
                del child["title"]
    return result


def _inlined(node: Any, root: JsonSchema, parents: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, root, parents) for item in node]
    if not isinstance(node, dict):
        return node
    ref = node.get("$ref")
    if isinstance(ref, str):
        if ref in parents:
            name = ref.rpartition("/")[2]
            raise NotRepresentable(f"{name} contains itself, which needs $defs.", "Edit it as JSON Schema.")
        siblings = {key: value for key, value in node.items() if key != "$ref"}
        return _inlined({**(resolve_ref(root, ref) or {}), **siblings}, root, (*parents, ref))
    return {key: _inlined(value, root, parents) for key, value in node.items()}


def _use_second_type(node: JsonSchema) -> None:
    """Replace anyOf of a simple schema and null, in place, by a type with null."""
    variants = node.get("anyOf")
    if not isinstance(variants, list) or len(variants) != 2 or variants[1] != {"type": "null"}:
        return
    value = variants[0]
    if not isinstance(value.get("type"), str) or value.keys() & (node.keys() - {"anyOf"}):
        return
    del node["anyOf"]
    node.update(value)
    node["type"] = [value["type"], "null"]
    if isinstance(value.get("enum"), list):
        node["enum"] = [*value["enum"], None]
    elif "const" in value:
        node["enum"] = [node.pop("const"), None]
