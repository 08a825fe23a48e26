"""Tools that a person declares: what a declaration must be, how arguments are validated, storage."""

from typing import Any

import pytest
from pydantic import ValidationError

from core.storage.store import Store
from core.tools.definitions.declared_tool import DeclaredTool, ToolDeclaration
from core.tools.definitions.definition import InvalidArguments
from core.tools.definitions.parameter_fields import ParameterField, parameters_schema
from core.tools.definitions.repository import ToolRepository

ORDER = ToolDeclaration(
    name="get_order",
    description="Get an order.",
    parameters=parameters_schema(
        [
            ParameterField("id", "integer", "Number"),
            ParameterField("part", options=("items", "payment"), required=False),
            ParameterField("tags", "array of strings", required=False),
            ParameterField("  "),
        ]
    ),
)
TOOL = DeclaredTool.of(ORDER)


def test_makes_a_schema_of_fields() -> None:
    assert [*ORDER.parameters["properties"]] == ["id", "part", "tags"]
    assert ORDER.parameters["required"] == ["id"]
    assert TOOL.definition.parameters_for(strict=True)[1]


def test_accepts_valid_arguments_and_takes_null_for_an_optional_one() -> None:
    assert TOOL.validate({"id": 1, "part": None, "tags": ["a"]}) == {"id": 1, "tags": ["a"]}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "'id' is a required property"),
        ({"id": "1"}, "id: '1' is not of type 'integer'"),
        ({"id": None}, "id: None is not of type 'integer'"),
        ({"id": 1, "part": "all"}, "part: 'all' is not one of"),
        ({"id": 1, "more": 2}, "'more' was unexpected"),
        ({"id": 1, "tags": [1]}, r"tags\.0"),
    ],
)
def test_reports_invalid_arguments(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidArguments, match=problem):
        TOOL.validate(arguments)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("with space", {"type": "object"}),
        ("a" * 65, {"type": "object"}),
        ("a", {"type": "string"}),
        ("a", {"type": "object", "properties": {"b": {"type": "text"}}}),
        ("a", {"type": "object", "description": "x" * 50_001}),
    ],
)
def test_rejects_an_invalid_declaration(name: str, schema: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ToolDeclaration(name=name, parameters=schema)


@pytest.mark.parametrize("pattern", ["a{99999999999}", "(", r"\p{Nonsense}", "(" * 2_000 + ")" * 2_000])
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_names_a_pattern_that_is_not_valid(pattern: str, keyword: str) -> None:
    value: Any = {pattern: {}} if keyword == "patternProperties" else pattern

    with pytest.raises(ValidationError, match=r"The pattern '.+' is not valid: "):
        ToolDeclaration(name="a", parameters={"type": "object", "properties": {"b": {keyword: value}}})


def test_accepts_a_pattern_with_classes_of_unicode() -> None:
    schema = {"properties": {"name": {"type": "string", "pattern": r"^\p{L}+$"}}}

    assert validate_with(schema, {"name": "서울"}) == {"name": "서울"}
    with pytest.raises(InvalidArguments, match="does not match"):
        validate_with(schema, {"name": "7"})


@pytest.mark.parametrize(
    "reference", ["#/$defs/missing", "http://127.0.0.1:9/schema.json", "file:///etc/passwd"]
)
def test_loads_no_schema_that_another_refers_to(reference: str) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": reference}}}

    with pytest.raises(InvalidArguments, match="cannot be applied"):
        DeclaredTool.of(ToolDeclaration(name="a", parameters=schema)).validate({"a": 1})


def validate_with(schema: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    return DeclaredTool.of(ToolDeclaration(name="a", parameters={"type": "object", **schema})).validate(
        arguments
    )


CODES = {"properties": {"code": {"type": ["string", "integer"], "pattern": r"^[가-힣]{2}-[0-9]+$"}}}
HEADERS = {
    "properties": {"id": {}},
    "patternProperties": {"^x-": {"type": "integer"}, "-id$": {"minimum": 5}},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [(CODES, {"code": "서울-7"}), (CODES, {"code": 7}), (HEADERS, {"id": "a", "x-id": 5, "b-id": "a"})],
)
def test_accepts_what_matches_the_patterns(schema: dict[str, Any], arguments: dict[str, Any]) -> None:
    assert validate_with(schema, arguments) == arguments


@pytest.mark.parametrize(
    ("schema", "arguments", "problem"),
    [
        (CODES, {"code": "서울7"}, "code: '서울7' does not match"),
        (HEADERS, {"x-a": "1"}, "x-a: '1' is not of type 'integer'"),
        (HEADERS, {"x-id": 4}, "x-id: 4 is less than the minimum of 5"),
        (HEADERS, {"other": 1}, "'other' was unexpected"),
        ({"properties": {"a": {"pattern": "(a{999}){999}"}}}, {"a": "b"}, "too complex"),
    ],
)
def test_reports_what_does_not_match_the_patterns(
    schema: dict[str, Any], arguments: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidArguments, match=problem):
        validate_with(schema, arguments)


SLOW = "^(a|a)*$"


@pytest.mark.parametrize(
    ("schema", "arguments"),
    [
        ({"properties": {"a": {"pattern": SLOW}}}, {"a": "a" * 60 + "!"}),
        ({"properties": {"a": {"items": {"pattern": SLOW}}}}, {"a": ["a" * 60 + "!"] * 1_000}),
        ({"patternProperties": {SLOW: {}}}, {"a" * 60 + "!": 1}),
        ({"patternProperties": {SLOW: {}}, "additionalProperties": False}, {"a" * 60 + "!": 1}),
        ({"patternProperties": {SLOW: {}}, "unevaluatedProperties": False}, {"a" * 60 + "!": 1}),
    ],
)
def test_ends_a_pattern_that_takes_exponential_time(
    schema: dict[str, Any], arguments: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArguments, match="takes too long to check"):
        validate_with(schema, arguments)


def test_survives_a_schema_that_contains_itself() -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}}
    deep: dict[str, Any] = {}
    for _ in range(3_000):
        deep = {"a": deep}

    with pytest.raises(InvalidArguments, match="too deeply"):
        DeclaredTool.of(ToolDeclaration(name="a", parameters=schema)).validate(deep)


def test_saves_and_replaces_and_deletes(store: Store) -> None:
    tools, others = ToolRepository(store), ToolRepository(store, "another")
    tools.save(ORDER)
    tools.save(ORDER.model_copy(update={"description": "New."}))

    assert [tool.description for tool in tools.list()] == ["New."]
    assert others.list() == []
    others.delete("get_order")
    assert len(tools.list()) == 1
    tools.delete("get_order")
    assert tools.list() == []
