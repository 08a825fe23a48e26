"""Strict mode's subset is checked by path, corrected, and measured; the SDK agrees with the corrections."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from openai.lib._pydantic import to_strict_json_schema
from pydantic import BaseModel, Field

from core.errors.types import PlaygroundError
from core.extractor.schemas.presets import Preset, presets
from core.json_schema.schema import JsonSchema, SchemaDocument, canonical_json, field_path, parse_schema
from core.json_schema.strict import check, limits
from core.json_schema.strict_fixes import apply_fixes, schema_diff, to_strict
from tests.unit.extractor.schemas import STRICT_SCHEMAS

CLOSED = {"additionalProperties": False}
STRING = {"type": "string"}


def closed(**properties: Any) -> JsonSchema:
    return {"type": "object", "properties": properties, "required": list(properties), **CLOSED}


def document(schema: JsonSchema) -> SchemaDocument:
    return SchemaDocument("Order", schema)


def problems(schema: JsonSchema) -> list[tuple[str, str]]:
    return [(finding.field, finding.rule) for finding in check(document(schema))]


@pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.id)
def test_accepts_every_preset(preset: Preset) -> None:
    assert check(preset.document) == []


@given(STRICT_SCHEMAS)
def test_accepts_and_does_not_change_a_strict_schema(schema: JsonSchema) -> None:
    assert check(document(schema)) == []
    assert to_strict(document(schema)) == document(schema)


# A schema, where strict mode refuses it and by which rule, and the corrected schema.
ROWS: list[tuple[str, JsonSchema, list[tuple[str, str]], JsonSchema]] = [
    (
        "a list at the root",
        {"type": "array", "items": STRING},
        [("$", "root")],
        closed(value={"type": "array", "items": STRING}),
    ),
    (
        "a reference at the root",
        {"$defs": {"A": closed(a=STRING)}, "$ref": "#/$defs/A"},
        [("$", "root")],
        {**closed(a=STRING), "$defs": {"A": closed(a=STRING)}},
    ),
    (
        "an open object",
        closed(a={"type": "object", "properties": {}, "required": []}),
        [("a", "additionalProperties")],
        closed(a={"type": "object", "properties": {}, "required": [], **CLOSED}),
    ),
    (
        "arbitrary keys",
        closed(a={"type": "object", "additionalProperties": {"type": "integer"}}),
        [("a", "free-form")],
        closed(a={"type": "array", "items": closed(key=STRING, value={"type": "integer"})}),
    ),
    (
        "optional properties",
        {
            **closed(a=STRING, b={"type": ["string", "null"]}, c={"type": "string", "enum": ["x"]}),
            "required": ["a"],
        },
        [("b", "required"), ("c", "required")],
        closed(a=STRING, b={"type": ["string", "null"]}, c={"type": ["string", "null"], "enum": ["x", None]}),
    ),
    (
        "an unknown required name",
        {**closed(a=STRING), "required": ["a", "z"]},
        [("z", "unknown-required")],
        closed(a=STRING),
    ),
    (
        "oneOf",
        closed(a={"oneOf": [STRING, {"type": "integer"}]}),
        [("a", "keyword")],
        closed(a={"anyOf": [STRING, {"type": "integer"}]}),
    ),
    (
        "allOf",
        {"$defs": {"A": closed(a=STRING)}, **closed(x={"allOf": [{"$ref": "#/$defs/A"}, closed(b=STRING)]})},
        [("x", "keyword")],
        {"$defs": {"A": closed(a=STRING)}, **closed(x=closed(a=STRING, b=STRING))},
    ),
    (
        "unsupported keywords",
        closed(a={"type": "array", "items": STRING, "uniqueItems": True, "description": "Tags"}),
        [("a", "keyword")],
        closed(a={"type": "array", "items": STRING, "description": "Tags (uniqueItems: true)"}),
    ),
    (
        "an unsupported format",
        closed(a={"type": "array", "items": {"type": "string", "format": "uri"}}),
        [("a[]", "format")],
        closed(a={"type": "array", "items": {"type": "string", "description": "(format: uri)"}}),
    ),
    (
        "keywords beside a reference",
        {"$defs": {"A": STRING}, **closed(a={"$ref": "#/$defs/A", "description": "x"})},
        [("a", "ref-siblings")],
        {"$defs": {"A": STRING}, **closed(a={"type": "string", "description": "x"})},
    ),
]


@pytest.mark.parametrize(
    ("schema", "expected", "fixed"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_finds_and_corrects(schema: JsonSchema, expected: list[tuple[str, str]], fixed: JsonSchema) -> None:
    before = canonical_json(schema)

    assert problems(schema) == expected
    assert canonical_json(to_strict(document(schema)).schema) == canonical_json(fixed)
    assert check(to_strict(document(schema))) == []
    assert canonical_json(schema) == before


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        (closed(a={}), "type"),
        (closed(a={"type": "array"}), "items"),
        (closed(a={"$ref": "#/$defs/A"}), "ref"),
        (closed(a={"$ref": "https://example.org/schema"}), "ref"),
    ],
)
def test_reports_what_only_the_author_can_correct(schema: JsonSchema, rule: str) -> None:
    (finding,) = check(document(schema))

    assert (finding.field, finding.rule, finding.fix) == ("a", rule, "")


def test_warns_of_keywords_about_which_reports_disagree() -> None:
    (finding,) = check(document(closed(a={"type": "string", "maxLength": 3})))

    assert finding.severity == "warning"
    assert (
        to_strict(document(closed(a={"type": "string", "maxLength": 3}))).schema["properties"]["a"][
            "maxLength"
        ]
        == 3
    )


def test_corrects_only_what_is_chosen() -> None:
    schema = closed(a={"type": "string", "format": "uri"}, b={"type": "string", "format": "regex"})
    findings = check(document(schema))

    fixed = apply_fixes(document(schema), findings[:1])

    assert problems(fixed.schema) == [("b", "format")]
    assert '-      "format": "uri"' in schema_diff(schema, fixed.schema)


def test_reports_an_invalid_name() -> None:
    assert [finding.rule for finding in check(SchemaDocument("뉴스", closed(a=STRING)))] == ["name"]


def nested(levels: int) -> JsonSchema:
    return closed(a=nested(levels - 1)) if levels > 1 else closed(a=STRING)


@pytest.mark.parametrize(
    ("schema", "name"),
    [
        (nested(11), "Levels of nesting"),
        (closed(**{f"p{number}": STRING for number in range(5001)}), "Properties"),
        (closed(a={"type": "integer", "enum": list(range(1001))}), "Enum values"),
        (closed(**{"x" * 120_001: STRING}), "Characters in names and enum values"),
        (
            closed(a={"type": "string", "enum": [f"{number:060}" for number in range(251)]}),
            "Characters in an enum of more than 250 values",
        ),
    ],
)
def test_finds_an_exceeded_limit(schema: JsonSchema, name: str) -> None:
    assert [finding.subject for finding in check(document(schema))] == [name]


def test_accepts_what_is_exactly_at_the_limits() -> None:
    assert check(document(nested(10))) == []
    assert check(document(closed(a={"type": "integer", "enum": list(range(1000))}))) == []


def test_measures_recursive_and_repeated_references_in_linear_time() -> None:
    layers = {
        f"L{n}": closed(**{f"p{k}": {"$ref": f"#/$defs/L{n + 1}"} for k in range(20)}) for n in range(40)
    }
    schema = {"$defs": {**layers, "L40": closed(a={"$ref": "#"})}, **closed(a={"$ref": "#/$defs/L0"})}

    depth = next(limit for limit in limits(schema) if limit.name == "Levels of nesting")

    assert depth.used == 42


def test_names_the_field_of_a_path() -> None:
    path = ("properties", "lines", "items", "properties", "price", "anyOf", 0)

    assert field_path(path) == "lines[].price"
    assert field_path(()) == "$"
    assert field_path(("$defs", "A", "properties", "properties")) == "$defs.A.properties"


class Mood(StrEnum):
    good = "good"


class Line(BaseModel):
    """A line."""

    text: str | None = None
    tags: list[Annotated[str, Field(pattern="^a")]]
    mood: Mood
    mood_described: Mood = Field(description="x")
    kind: Literal["a", "b"]
    day: date


class Tree(BaseModel):
    name: str
    children: list["Tree"]
    lines: list[Line]
    first: Line = Field(description="The first one")


class Page(BaseModel):
    tree: Tree
    count: int = Field(ge=0)


@pytest.mark.parametrize("model", [Line, Page])
def test_agrees_with_the_sdk_about_a_pydantic_model(model: type[BaseModel]) -> None:
    fixed = to_strict(SchemaDocument(model.__name__, model.model_json_schema()))

    assert canonical_json(fixed.schema) == canonical_json(to_strict_json_schema(model))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"properties": {"a": {"type": "strang"}}}', "properties.a.type: 'strang'"),
        ('{"properties": {"a": {"pattern": "("}}}', "properties.a.pattern"),
        ('{"required": "a"}', "required"),
        ("[1]", "not a JSON object"),
        ('{"type": }', "Line 1"),
    ],
)
def test_refuses_what_is_not_a_json_schema_with_its_place(text: str, message: str) -> None:
    with pytest.raises(PlaygroundError, match=re.escape(message)) as error:
        parse_schema(text)

    assert "imported" not in error.value.hint


def test_finds_references_that_describe_no_value() -> None:
    a, b = {"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}
    schema = closed(value=a, self={"$ref": "#"}) | {"$defs": {"a": b, "b": a}}

    findings = check(SchemaDocument("S", schema))

    assert [finding.message for finding in findings if finding.path == ("properties", "value")] == [
        "#/$defs/a refers only to itself."
    ]
    assert not [finding for finding in findings if "self" in finding.path]


def test_compares_only_the_first_lines_of_long_schemas() -> None:
    before = closed(**{f"field_{number}": {"type": "string"} for number in range(1_000)})
    after = closed(**{f"field_{number}": {"type": "integer"} for number in range(1_000)})

    lines = schema_diff(before, after).splitlines()

    assert '+      "type": "integer"' in lines
    assert "first 1,000 lines" in lines[-1]
    assert len(lines) < 3_000
