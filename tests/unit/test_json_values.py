"""JSON of a server is parsed as leniently as possible, and can be stored."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.json_values import parse_exact_json, parse_json, storable_json, storable_text

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@given(json_values)
def test_can_store_any_json_from_a_server(value: Any) -> None:
    parsed = parse_json(json.dumps(value))

    assert parsed == value
    assert orjson.loads(orjson.dumps(storable_json(parsed))) == storable_json(parsed)


def test_parses_nan_and_infinity_as_none() -> None:
    assert parse_json('{"a": [NaN, Infinity, -Infinity, 1]}') == {"a": [None, None, None, 1]}


@pytest.mark.parametrize(
    "text",
    ["", "{", "<html>", "[" * 100_000, "9" * 5_000, b"\xff"],
    ids=["nothing", "incomplete", "a page", "deep nesting", "a long number", "not UTF-8"],
)
def test_rejects_what_is_not_json(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("plain", "plain"),
        ("\ud83d\ude00", "\N{GRINNING FACE}"),
        ("a\ud83db", "a\N{REPLACEMENT CHARACTER}b"),
        ("\ude00\ud83d", "\N{REPLACEMENT CHARACTER}" * 2),
        ("한국어 \N{GRINNING FACE}", "한국어 \N{GRINNING FACE}"),
    ],
    ids=ascii,
)
def test_replaces_half_a_surrogate_pair(text: str, stored: str) -> None:
    assert storable_text(text) == stored


def test_parses_integers_of_any_size_exactly_on_request() -> None:
    assert parse_exact_json(f"[{2**64}, {-(2**63) - 1}, NaN]") == [2**64, -(2**63) - 1, None]
    assert isinstance(parse_json(f"{2**64}"), float)


def test_cuts_deep_nesting() -> None:
    value: Any = "deep"
    for _ in range(500):
        value = [value]

    assert orjson.dumps(storable_json(value))
