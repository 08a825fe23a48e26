"""Schemas as fields of a form, and back without any loss."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.tools.definitions.parameter_fields import (
    PARAMETER_TYPES,
    ParameterField,
    parameter_fields,
    parameters_schema,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
names = texts.map(str.strip).filter(bool)
FIELDS = st.builds(
    ParameterField,
    names,
    st.sampled_from(PARAMETER_TYPES),
    texts,
    st.booleans(),
    st.lists(texts, max_size=3, unique=True).map(tuple),
).map(lambda field: field if field.type == "string" else ParameterField(field.name, field.type))


@given(st.lists(FIELDS, max_size=6, unique_by=lambda field: field.name))
def test_returns_the_fields_that_a_schema_was_made_of(fields: list[ParameterField]) -> None:
    assert parameter_fields(parameters_schema(fields)) == fields


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "object"}, []),
        (
            {
                "type": "object",
                "properties": {"b": {"type": "number"}, "a": {"type": "string", "enum": ["x"]}},
                "required": ["a", "b"],
            },
            [ParameterField("b", "number"), ParameterField("a", options=("x",))],
        ),
    ],
)
def test_shows_a_simple_schema(schema: dict[str, Any], expected: list[ParameterField]) -> None:
    assert parameter_fields(schema) == expected


@pytest.mark.parametrize(
    "property_schema",
    [
        {"type": "string", "pattern": "^a$"},
        {"type": ["string", "null"]},
        {"type": "object", "properties": {}},
        {"type": "array", "items": {"type": "integer"}},
        {"type": "integer", "enum": [1, 2]},
        {"type": "string", "enum": []},
        {"type": "string", "description": ""},
        {"description": "Anything."},
        {"$ref": "#/$defs/a"},
        {},
        True,
    ],
    ids=str,
)
def test_does_not_show_what_fields_would_lose(property_schema: Any) -> None:
    schema = {"type": "object", "properties": {"a": property_schema}, "required": ["a"]}

    assert parameter_fields(schema) is None


@pytest.mark.parametrize(
    "rest",
    [
        {"additionalProperties": True},
        {"required": ["missing"]},
        {"required": "a"},
        {"properties": {" a ": {"type": "string"}}},
        {"$defs": {}},
        {"description": "Parameters."},
    ],
    ids=str,
)
def test_does_not_show_a_schema_with_more_than_fields(rest: dict[str, Any]) -> None:
    assert parameter_fields({"type": "object", "properties": {"a": {"type": "string"}}, **rest}) is None
