"""Values are validated against schemas of any origin, within bounded time and without the network."""

from typing import Any

import pytest

from core.json_schema.schema import JsonSchema
from core.json_schema.validation import validate


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"type": "object", "required": ["a"]}, {}, [("a", "required field is missing")]),
        (
            {"additionalProperties": False},
            {"b": 1},
            [("$", "It has fields that the schema does not define.")],
        ),
        (
            {"properties": {"a": {"items": {"type": "string"}}}},
            {"a": ["x", 1]},
            [("a[1]", "1 is not of type 'string'")],
        ),
        ({"properties": {"a": {"pattern": "^x"}}}, {"a": "y"}, [("a", "'y' does not match '^x'")]),
        (
            {"properties": {"a": {"format": "date"}}},
            {"a": "2026-13-01"},
            [("a", "'2026-13-01' is not a 'date'")],
        ),
        ({"$ref": "#/$defs/none"}, {}, [("$", "The schema cannot be applied")]),
        ({"$ref": "http://127.0.0.1:9/schema"}, {}, [("$", "The schema cannot be applied")]),
        ({"$ref": "#"}, {}, [("$", "The schema cannot be applied")]),
        ({"type": "unknown"}, {}, [("$", "The schema cannot be applied")]),
        ({"properties": {"a": {"pattern": "("}}}, {"a": "y"}, [("a", "not valid")]),
        ({"patternProperties": {"^x": {}}, "additionalProperties": False}, {"b": 1}, []),
    ],
)
def test_reports_problems_by_field(schema: JsonSchema, value: Any, expected: list[tuple[str, str]]) -> None:
    problems = validate(value, schema)

    assert [problem.field for problem in problems] == [field for field, _message in expected]
    for problem, (_field, message) in zip(problems, expected, strict=True):
        assert message in problem.message


def test_gives_up_on_a_pattern_that_takes_too_long() -> None:
    (problem,) = validate("a" * 40 + "!", {"pattern": "^(a|a)*$"})

    assert "does not match" in problem.message or "takes too long" in problem.message
