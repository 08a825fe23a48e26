"""Values are validated against schemas of any origin, within bounded time and without the network."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.extractor.results.sources import find_sources
from core.extractor.results.validation import validate
from core.extractor.schemas.inference import infer_schema
from core.json_schema.schema import JsonSchema, SchemaDocument
from core.json_schema.strict import check

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=10,
)


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


# Objects in a list have the same names: strict mode has no optional properties.
SAMPLE_VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.dictionaries(TEXTS, inner, max_size=3), inner.map(lambda item: [item, item])),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS, SAMPLE_VALUES, max_size=4))
def test_infers_a_schema_that_the_sample_matches(sample: dict[str, Any]) -> None:
    schema = infer_schema(json.dumps(sample))

    assert validate(sample, schema) == []
    assert {finding.rule for finding in check(SchemaDocument("S", schema))} <= {"root", "limit"}


def test_infers_null_for_what_is_missing_in_one_of_several_samples() -> None:
    schema = infer_schema('[{"a": 1, "b": "x"}, {"a": 2.5}, {"a": 3, "b": null}]')

    assert schema["properties"] == {"a": {"type": "number"}, "b": {"type": ["string", "null"]}}
    assert schema["required"] == ["a", "b"]


@pytest.mark.parametrize("text", ["[]", "5", "[1]", "{", ""])
def test_refuses_a_sample_that_is_no_object(text: str) -> None:
    with pytest.raises(PlaygroundError):
        infer_schema(text)


TEXT = """Dr. Kim paid $1,234.50 on 2026-05-04.
첫 전기 여객선 노선을 개통했다. 승객 12,400명이 이용했다!
Total: 15"""


@pytest.mark.parametrize(
    ("value", "sentence", "match"),
    [
        ("2026-05-04", "2026-05-04", "2026-05-04"),
        (1234.5, "$1,234.50", "1,234.50"),
        (12400, "승객 12,400명이", "12,400"),
        (15, "Total: 15", "15"),
        ("KIM", "Kim paid", "Kim"),
        (-15, "Total: 15", "15"),
        ("Unrelated words. Kim paid $1,234.50 on", "Kim paid", "Kim paid $1,234.50 on"),
        (
            "첫 전기 여객선 노선을 개통했다. 승객 12,400명이 이용했다!",
            "첫 전기",
            "첫 전기 여객선 노선을 개통했다.",
        ),
        ("A summary: Kim paid $1,234.50 on 2026-05-04.", "Kim paid", "Kim paid $1,234.50 on 2026-05-04."),
        (400, "", ""),
        (234, "", ""),
        ("positive", "", ""),
        (None, "", ""),
        (True, "", ""),
        ("", "", ""),
    ],
)
def test_finds_the_sentence_of_a_value(value: Any, sentence: str, match: str) -> None:
    (source,) = find_sources(value, TEXT)

    assert sentence in source.sentence
    assert bool(source.sentence) is bool(sentence)
    assert source.sentence[source.start : source.end] == match


@given(JSON_VALUES, st.text(max_size=200))
def test_finds_sources_in_any_text(value: Any, text: str) -> None:
    for source in find_sources(value, text):
        assert source.sentence in text
        assert 0 <= source.start <= source.end <= len(source.sentence)
