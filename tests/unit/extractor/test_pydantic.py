"""Code and schema are converted both ways; the real Pydantic and the real SDK agree with the results."""

import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings

from core.extractor.pydantic_code.annotations import CodeError
from core.extractor.pydantic_code.difference import first_difference
from core.extractor.pydantic_code.parser import parse_models
from core.extractor.pydantic_code.sdk_schema import sdk_strict
from core.extractor.pydantic_code.style import SchemaStyle, apply_style, style_of
from core.extractor.pydantic_code.writer import sdk_document, write_models
from core.extractor.schemas.presets import Preset, presets
from core.json_schema.schema import JsonSchema, NotRepresentable, SchemaDocument, canonical_json
from tests.unit.extractor.models import HEADER, MODELS, NESTED
from tests.unit.extractor.schemas import STRICT_SCHEMAS, model, sdk_schema


@pytest.mark.parametrize("body", MODELS)
def test_reads_the_schema_that_pydantic_generates(body: str) -> None:
    name, schema = parse_models(HEADER + body)

    expected = model(HEADER + body, "M").model_json_schema()
    assert name == "M"
    assert canonical_json(schema) == canonical_json(expected)
    assert schema.get("required") == expected.get("required")  # in the same order


@pytest.mark.parametrize("body", [body for body in MODELS if "children" not in body])
def test_makes_a_model_strict_as_the_sdk_does(body: str) -> None:
    raw = model(HEADER + body, "M").model_json_schema()

    assert canonical_json(sdk_strict(raw)) == canonical_json(sdk_schema(HEADER + body, "M"))


@given(STRICT_SCHEMAS)
@settings(max_examples=60)
def test_returns_every_schema_unchanged(schema: JsonSchema) -> None:
    document = SchemaDocument("Order", schema)

    code = write_models(document)

    raw = model(code, "Order").model_json_schema()
    assert canonical_json(apply_style(raw, SchemaStyle())) == canonical_json(schema)
    assert canonical_json(sdk_document(document).schema) == canonical_json(sdk_schema(code, "Order"))


@given(STRICT_SCHEMAS)
@settings(max_examples=60)
def test_writes_the_request_of_the_sdk_as_a_class_that_sends_it(schema: JsonSchema) -> None:
    sent = sdk_document(SchemaDocument("Order", schema))

    assert canonical_json(sdk_schema(write_models(sent), "Order")) == canonical_json(sent.schema)


@pytest.mark.parametrize(
    "style", [SchemaStyle(*flags) for flags in product([True, False], repeat=4)], ids=str
)
def test_writes_nested_models_in_every_style_or_refuses(style: SchemaStyle) -> None:
    document = SchemaDocument("M", apply_style(parse_models(HEADER + NESTED)[1], style))
    try:
        code = write_models(document)
    except NotRepresentable:
        assert style.titles or not style.strict
        return

    raw = model(code, "M").model_json_schema()
    assert first_difference(apply_style(raw, style), document.schema) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "string", "pattern": "^(?!0)[0-9]+$"}, "12"),
        ({"type": "string", "pattern": "^(a)\\1$", "minLength": 2}, "aa"),
        ({"type": ["string", "null"], "pattern": "^(?=1)"}, "12"),
        ({"type": "string", "minLength": -1}, ""),
        ({"type": "integer", "minimum": 0.5}, 1),
        ({"type": "integer", "enum": [1, 2, 3], "minimum": 1}, 2),
        ({"type": ["integer", "null"], "enum": [1, 2, None], "maximum": 2}, 2),
        ({"type": "string", "enum": ["a", "b"], "pattern": "^[ab]$"}, "a"),
        ({"type": "string", "const": "a", "pattern": "^a$"}, "a"),
        ({"type": "string", "format": "date", "pattern": "^2"}, "2026-01-31"),
        ({"type": "string", "format": "date-time", "minLength": 10}, "2026-01-31T12:00:00Z"),
        ({"type": "string", "format": "time", "maxLength": 9}, "12:00:00"),
        ({"type": "string", "format": "duration", "pattern": "^P"}, "P1D"),
        ({"type": "string", "format": "uuid", "maxLength": 36}, "0" * 32),
        ({"type": "boolean", "minimum": 0}, True),
        ({"type": "array", "items": {"type": "string", "pattern": "^(?!0)"}, "minimum": 0}, ["1"]),
        ({"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}], "minItems": 1}, ["1"]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "minLength": 1}, "a"),
    ],
    ids=str,
)
def test_writes_constraints_that_pydantic_does_not_have_for_the_type(field: JsonSchema, value: Any) -> None:
    properties = {"a": field, "b": {"type": "array", "items": field}}
    schema: JsonSchema = {"type": "object", "properties": properties, "required": ["a", "b"]}
    schema["additionalProperties"] = False

    written = model(write_models(SchemaDocument("M", schema)), "M")

    assert first_difference(apply_style(written.model_json_schema(), style_of(schema)), schema) is None
    written.model_validate_json(json.dumps({"a": value, "b": [value]}))


@pytest.mark.parametrize("preset", presets().values(), ids=lambda preset: preset.id)
def test_writes_every_preset(preset: Preset) -> None:
    assert f"class {preset.document.name}(BaseModel):" in write_models(preset.document)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("class M(BaseModel):\n    def f(self): ...", "only fields"),
        ("class M(BaseModel):\n    a: str = input()", "Line 2: a literal value"),
        ("class M(BaseModel):\n    a: set[int]", "Line 2: the type set"),
        ("class M(BaseModel):\n    a: Decimal", "Line 2: the type Decimal"),
        ("class M(BaseModel):\n    a: str = Field(frozen=True)", "frozen of Field"),
        ("class M(BaseModel):\n    a: Annotated[int, Ge(1)]", "Line 2: only Field"),
        ("class M(BaseModel):\n    a: Unknown", "Unknown is not defined"),
        ("class M:\n    a: str", "base of M"),
        ("@decorator\nclass M(BaseModel):\n    a: str", "only imports"),
        ("import os; os.abort()", "only imports"),
        ("class M(BaseModel)\n    a: str", "Line 1"),
        ("A = A\nclass M(BaseModel):\n    a: A", "contains itself"),
        ("x = 1", "no model"),
        ("class M(BaseModel):\n    a: float = 1e999", "JSON"),
        ("(" * 500 + ")" * 500, "Line 1|cannot be parsed"),
    ],
)
def test_names_the_line_of_code_that_is_no_schema(body: str, message: str) -> None:
    with pytest.raises(CodeError, match=message):
        parse_models(body)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "object", "properties": {"a": {"not": {}}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"$ref": "#/$defs/B"}}, "required": ["a"]},
        {
            "type": "object",
            "properties": {"a": {"type": "string", "title": "T"}, "b": {}},
            "required": ["a", "b"],
        },
        {"type": "object", "properties": {"a": True}, "required": ["a"]},
    ],
)
def test_refuses_a_schema_that_no_model_has(schema: JsonSchema) -> None:
    with pytest.raises(NotRepresentable):
        write_models(SchemaDocument("M", schema))


@pytest.mark.parametrize(
    "field",
    [
        {"type": "string", "title": "The field"},
        {"enum": ["x", "y"]},
        {"type": ["string", "null"], "enum": ["x", None]},
        {"const": "x"},
    ],
)
def test_sends_a_schema_with_the_annotations_of_other_tools(field: JsonSchema) -> None:
    root = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "invoice",
        "title": "An invoice",
    }
    schema = {**root, "type": "object", "properties": {"a": field}, "required": ["a"]}

    sent = sdk_document(SchemaDocument("Invoice", {**schema, "additionalProperties": False}))

    assert sent.name == "Invoice"
    assert sent.schema["title"] == "An invoice"
    assert sent.schema["required"] == ["a"]


def test_names_the_keyword_that_no_model_has() -> None:
    closed = {"type": "object", "required": ["a"], "additionalProperties": False}
    item = {**closed, "properties": {"a": {"type": "string"}}, "minProperties": 1}
    schema = {**closed, "properties": {"a": {"$ref": "#/$defs/Item"}}, "$defs": {"Item": item}}

    with pytest.raises(NotRepresentable, match=r"differs in \$defs\.Item\.minProperties"):
        write_models(SchemaDocument("M", schema))
