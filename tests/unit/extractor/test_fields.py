"""The field table represents a schema completely, or not at all."""

from typing import Any

import pytest
from hypothesis import given

from core.errors.types import PlaygroundError
from core.extractor.schemas.field_rows import FieldRow, from_rows, to_rows
from core.extractor.schemas.fields import Field, FieldTree, FieldType, fields_of, schema_of
from core.extractor.schemas.presets import presets
from core.json_schema.schema import JsonSchema, NotRepresentable, is_same_schema
from tests.unit.extractor.schemas import STRICT_SCHEMAS

CLOSED = {"additionalProperties": False}


def root(**properties: Any) -> JsonSchema:
    return {"type": "object", "properties": properties}


@given(STRICT_SCHEMAS)
def test_returns_every_schema_unchanged(schema: JsonSchema) -> None:
    tree = fields_of(schema)

    assert is_same_schema(schema_of(tree), schema)
    assert is_same_schema(schema_of(from_rows(to_rows(tree), tree)), schema)


@pytest.mark.parametrize(
    "property_schema",
    [
        {"type": "string", "enum": ["a", None]},
        {"type": ["string", "null"], "enum": ["a"]},
        {"type": "string", "enum": ["5", "true", "null", " a", '"b"', '"', "[1"]},
        {"type": "string", "enum": []},
        {"type": "integer", "enum": [5, 7]},
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}], "title": "Count", "default": None},
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string", "description": "x"}, "minItems": 1},
                {"type": "null"},
            ]
        },
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "string", "x-unknown": {"a": [1]}},
    ],
)
def test_preserves_what_the_table_does_not_show(property_schema: JsonSchema) -> None:
    schema = {
        **root(a=property_schema),
        "title": "T",
        "$schema": "https://json-schema.org/draft/2020-12/schema",
    }
    tree = fields_of(schema)

    assert is_same_schema(schema_of(from_rows(to_rows(tree), tree)), schema)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "array", "items": {}}, "object at the root"),
        (root(a={"$ref": "#/$defs/A"}), "no type of its own"),
        (root(a={"type": "array", "items": {"type": "array", "items": {"type": "string"}}}), "array"),
        (root(a={"anyOf": [{"type": "string"}, {"type": "integer"}]}), "several schemas"),
        (root(a={"type": ["string", "integer"]}), "several types"),
        (root(a={"type": "object"}), "no properties"),
        (root(**{"a.b": {"type": "string"}}), "dot"),
        (root(a=True), "not an object"),
        (root(a={"type": "string", "enum": ["a", 5]}), "values that are not text"),
    ],
)
def test_says_what_it_cannot_represent(schema: JsonSchema, reason: str) -> None:
    with pytest.raises(NotRepresentable, match=reason):
        fields_of(schema)


def test_shows_nested_fields_below_their_parent() -> None:
    rows = to_rows(fields_of(presets()["invoice"].document.schema))

    paths = [row.field for row in rows]
    assert paths[paths.index("items") : paths.index("total")] == [
        "items",
        "items[].description",
        "items[].quantity",
        "items[].unit_price",
    ]


def test_adds_fields_that_strict_mode_accepts() -> None:
    rows = [FieldRow("lines", "object", list=True), FieldRow("lines[].price", "number", nullable=True)]

    schema = schema_of(from_rows(rows, FieldTree((), CLOSED)))

    line = {
        "type": "object",
        "properties": {"price": {"type": ["number", "null"]}},
        "required": ["price"],
        **CLOSED,
    }
    expected = {"properties": {"lines": {"type": "array", "items": line}}, "required": ["lines"], **CLOSED}
    assert schema == {"type": "object", **expected}


def test_adds_null_to_the_enum_of_a_field_that_becomes_nullable() -> None:
    (field,) = from_rows([FieldRow("mood", values=("good", "5"), nullable=True)], FieldTree(())).fields

    assert field == Field("mood", null_form="type", enum=("good", "5", None))


@pytest.mark.parametrize("is_list", [False, True])
@pytest.mark.parametrize(
    ("field_type", "values", "expected"),
    [
        (
            "string",
            ("1", "2.5", "true", "null", "{}", '"b"', '" c"', '"d'),
            ("1", "2.5", "true", "null", "{}", "b", " c", '"d'),
        ),
        ("integer", ("1", "2"), (1, 2)),
        ("boolean", ("true", "false"), (True, False)),
    ],
)
def test_reads_the_values_of_an_enum_by_the_type_of_the_field(
    field_type: FieldType, values: tuple[str, ...], expected: tuple[Any, ...], is_list: bool
) -> None:
    (field,) = from_rows([FieldRow("a", field_type, list=is_list, values=values)], FieldTree(())).fields

    assert field.enum == expected
    assert [type(value) for value in field.enum] == [type(value) for value in expected]


def test_quotes_only_texts_that_could_be_taken_for_others() -> None:
    (row,) = to_rows(fields_of(root(a={"type": "string", "enum": ["1", "null", '"b"', " c"]})))

    assert row.values == ("1", "null", '"\\"b\\""', '" c"')


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([FieldRow("a"), FieldRow("a")], "defined twice"),
        ([FieldRow("a[].b")], "no parent"),
        ([FieldRow("a"), FieldRow("a.b")], "no parent"),
        ([FieldRow("a[]")], "no valid field name"),
        ([FieldRow("a", constraints="{")], "constraints of a"),
        ([FieldRow("a", constraints="[1]")], "constraints of a"),
    ],
)
def test_reports_an_invalid_row(rows: list[FieldRow], message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        from_rows(rows, FieldTree(()))
