"""Strict mode is checked for values that no reply can have, as they are not of the declared type."""

import pytest

from core.json_schema.schema import JsonSchema, SchemaDocument
from core.json_schema.strict import check


def document(value: JsonSchema) -> SchemaDocument:
    closed = {"required": ["a"], "additionalProperties": False}
    return SchemaDocument("Order", {"type": "object", "properties": {"a": value}, **closed})


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string", "enum": ["a", 1, 2, None]}, "The enum value 1 is not of type string (2 more)."),
        ({"type": "string", "enum": [None]}, "The enum value null is not of type string."),
        ({"type": ["string", "null"], "enum": [True]}, "The enum value true is not of type string or null."),
        ({"type": "integer", "enum": [1, 2.0, 2.5]}, "The enum value 2.5 is not of type integer."),
        ({"type": "number", "enum": [False]}, "The enum value false is not of type number."),
        ({"type": "integer", "const": "5"}, 'The const value "5" is not of type integer.'),
        ({"type": "string", "const": None}, "The const value null is not of type string."),
    ],
)
def test_reports_a_value_that_is_not_of_the_declared_type(schema: JsonSchema, message: str) -> None:
    (finding,) = check(document({"type": "array", "items": schema}))

    assert (finding.field, finding.rule, finding.message, finding.fix) == ("a[]", "enum", message, "")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["1", "true"]},
        {"type": ["integer", "null"], "enum": [1, None]},
        {"type": "number", "enum": [1, 1.5]},
        {"type": "boolean", "const": True},
        {"enum": ["a", 1, None]},
        {"const": None},
    ],
)
def test_accepts_values_of_the_declared_types(schema: JsonSchema) -> None:
    assert check(document(schema)) == []
