"""A schema is inferred from samples of JSON: strict, and valid for each of them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.extractor.schemas.inference import infer_schema
from core.json_schema.schema import SchemaDocument
from core.json_schema.strict import check
from core.json_schema.validation import validate

TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
)
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
