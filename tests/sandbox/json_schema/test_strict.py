"""Which schemas structured outputs accept, and the messages for the others."""

from typing import Any

import pytest

from core.sandbox.json_schema.strict import InvalidSchema, check_schema, check_strict_schema

TEXT = {"type": "string"}


def an_object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def nested(levels: int) -> dict[str, Any]:
    schema = an_object(value=TEXT)
    for _ in range(levels - 1):
        schema = an_object(child=schema)
    return schema


def test_accepts_every_keyword_of_the_subset() -> None:
    schema = {
        **an_object(
            text={"type": "string", "pattern": "^[a-z]+$", "description": "x"},
            day={"type": ["string", "null"], "format": "date"},
            number={"type": "number", "minimum": 0, "exclusiveMaximum": 9, "multipleOf": 0.5},
            choice={"enum": ["a", 1, None]},
            fixed={"const": "x"},
            parts={"type": "array", "items": {"$ref": "#/$defs/part"}, "minItems": 1, "maxItems": 3},
            either={"anyOf": [TEXT, {"$ref": "#"}, {"type": "null"}]},
        ),
        "$defs": {"part": an_object(name=TEXT)},
    }
    check_strict_schema(schema)


# Each row: test id, schema, and a part of the message.
INVALID: list[tuple[str, Any, str]] = [
    (
        "array root",
        {"type": "array", "items": TEXT},
        "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
    ),
    ("no type", {"properties": {}}, "got 'type: \"None\"'."),
    ("root anyOf", {**an_object(), "anyOf": [an_object()]}, "at the top level"),
    (
        "additional",
        {"type": "object", "properties": {}, "required": []},
        "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ),
    ("additional true", {**an_object(), "additionalProperties": True}, "'additionalProperties' is required"),
    (
        "required",
        {**an_object(a=TEXT, b=TEXT), "required": ["a"]},
        (
            "In context=(), 'required' is required to be supplied and to be an array including every "
            "key in properties. Missing 'b'."
        ),
    ),
    ("empty name", {**an_object(**{"": TEXT}), "required": []}, "Missing ''."),
    ("extra required", {**an_object(), "required": ["x"]}, "Extra required key 'x' supplied."),
    (
        "nested object",
        an_object(a={"type": "object", "properties": {}}),
        "In context=('properties', 'a'), 'additionalProperties' is required",
    ),
    (
        "in items",
        an_object(a={"type": "array", "items": {"type": "object"}}),
        "In context=('properties', 'a', 'items'), 'additionalProperties'",
    ),
    ("in definition", {**an_object(), "$defs": {"d": {"type": "object"}}}, "In context=('$defs', 'd'),"),
    ("oneOf", an_object(a={"oneOf": [TEXT]}), "In context=('properties', 'a'), 'oneOf' is not permitted."),
    ("allOf", an_object(a={"allOf": [TEXT]}), "'allOf' is not permitted."),
    ("default", an_object(a={**TEXT, "default": "x"}), "'default' is not permitted."),
    (
        "uniqueItems",
        an_object(a={"type": "array", "items": TEXT, "uniqueItems": True}),
        "'uniqueItems' is not permitted.",
    ),
    (
        "no type key",
        an_object(a={"description": "x"}),
        "In context=('properties', 'a'), schema must have a 'type' key.",
    ),
    ("boolean schema", an_object(a=True), "schema must be an object."),
    ("array without items", an_object(a={"type": "array"}), "array schema missing items."),
    ("unknown type", an_object(a={"type": "text"}), "'type': \"text\" is not valid"),
    ("unknown format", an_object(a={**TEXT, "format": "uri"}), "'uri' is not a valid format."),
    ("lookahead", an_object(a={**TEXT, "pattern": "(?=a)"}), "'pattern' is not supported: lookaround"),
    ("broken pattern", an_object(a={**TEXT, "pattern": "["}), "'pattern' is not supported"),
    (
        "reference with siblings",
        {**an_object(a={"$ref": "#/$defs/d", "description": "x"}), "$defs": {"d": TEXT}},
        "$ref cannot have keywords ['description'].",
    ),
    ("unknown reference", an_object(a={"$ref": "#/$defs/d"}), "reference can only point to definitions"),
    (
        "reference elsewhere",
        an_object(a=TEXT, b={"$ref": "#/properties/a"}),
        "reference can only point to definitions",
    ),
    (
        "reference to itself",
        {**an_object(a={"$ref": "#/$defs/d"}), "$defs": {"d": {"$ref": "#/$defs/d"}}},
        "reference can only point to definitions",
    ),
    ("empty anyOf", an_object(a={"anyOf": []}), "should be non-empty"),
    (
        "enum value of another type",
        an_object(a={"type": ["integer", "null"], "enum": [1, 2.0, None, "3", 4]}),
        "('properties', 'a'), enum value 3 does not validate against {'type': ['integer', 'null']}.",
    ),
    ("true is no integer", an_object(a={"type": "integer", "enum": [True]}), "enum value True does not"),
    (
        "const of another type",
        an_object(a={"anyOf": [TEXT, {"type": "null", "const": "x"}]}),
        "In context=('properties', 'a', 'anyOf', '1'), const value x does not validate against",
    ),
    ("empty enum", an_object(a={"enum": []}), "'enum': [] is not valid"),
    (
        "bound of a wrong type",
        an_object(a={"type": "number", "minimum": "1"}),
        "'minimum': \"1\" is not valid: expected a number.",
    ),
    ("11 levels", nested(11), "11 levels of nesting exceeds limit of 10."),
    (
        "5,001 properties",
        an_object(**{f"p{number}": TEXT for number in range(5_001)}),
        "Expected at most 5000 object properties total, found 5001.",
    ),
    (
        "1,001 enum values",
        an_object(a={"enum": list(range(1_001))}),
        "Expected at most 1000 enum values in total within a schema",
    ),
    (
        "large enum",
        an_object(a={"enum": [f"{number:060}" for number in range(251)]}),
        "must not exceed 15000 characters",
    ),
    (
        "long names",
        an_object(**{f"{number}{'x' * 1_000}": TEXT for number in range(120)}),
        "which exceeds the limit of 120000",
    ),
]


@pytest.mark.parametrize(("schema", "message"), [row[1:] for row in INVALID], ids=[row[0] for row in INVALID])
def test_rejects(schema: Any, message: str) -> None:
    with pytest.raises(InvalidSchema) as excinfo:
        check_strict_schema(schema)
    assert message in str(excinfo.value)


def test_accepts_the_limits_themselves() -> None:
    check_strict_schema(nested(10))
    check_strict_schema(an_object(**{f"p{number}": TEXT for number in range(5_000)}))
    check_strict_schema(an_object(a={"enum": list(range(1_000))}))


def test_accepts_other_keywords_without_strict() -> None:
    check_schema(
        {"type": "object", "properties": {"a": {"allOf": [TEXT], "default": "x"}}, "minProperties": 1}
    )


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": []},
        {"type": "object", "required": "a"},
        {"type": "object", "properties": {"a": 3}},
    ],
)
def test_rejects_what_is_no_schema(schema: Any) -> None:
    with pytest.raises(InvalidSchema):
        check_schema(schema)


def test_rejects_a_schema_that_is_nested_very_deeply() -> None:
    schema: dict[str, Any] = TEXT
    for _ in range(500):
        schema = {"type": "array", "items": schema}
    with pytest.raises(InvalidSchema, match="too deeply"):
        check_schema(an_object(a=schema))
