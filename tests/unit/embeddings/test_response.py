"""Responses of embeddings endpoints, valid and invalid."""

import base64
import contextlib
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.response import EmbeddingResponse, parse_response
from core.errors.types import PlaygroundError

FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=8)
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(["data", "embedding", "index", "error", "usage"])
JSON_VALUES = st.recursive(
    LEAVES,
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES, children, max_size=4),
    max_leaves=8,
)


def encode_base64(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


def entry(embedding: Any, index: int | None = 0) -> dict[str, Any]:
    return {"object": "embedding", "embedding": embedding} | ({} if index is None else {"index": index})


def body(*data: Any, **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(data), "model": "m", **more}


def parse(content: object, input_count: int) -> EmbeddingResponse:
    return parse_response(content if isinstance(content, bytes) else orjson.dumps(content), input_count)


@given(FLOATS)
def test_parses_floats_and_base64_to_the_same_vectors(numbers: list[float]) -> None:
    floats, decoded = parse(body(entry(numbers)), 1), parse(body(entry(encode_base64(*numbers))), 1)
    assert np.array_equal(floats.vectors, decoded.vectors)
    assert floats.vectors.dtype == np.float32


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([entry([2], 1), entry([1], 0)], [1, 2]),
        ([entry([1], None), entry([2], None)], [1, 2]),
        ([entry([1], 0), entry([2], 0)], [1, 2]),
        ([entry([[1]], 0), entry([[2]], 1)], [1, 2]),
    ],
    ids=["shuffled", "no index", "always 0", "nested once"],
)
def test_returns_vectors_in_the_order_of_the_inputs(data: list[Any], expected: list[int]) -> None:
    assert parse(body(*data), 2).vectors[:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (body(entry([1.0])), "1 embeddings for 2 texts"),
        (body(), "0 embeddings for 2 texts"),
        (body(entry([1.0], 0), entry([1.0], 2)), "invalid indices"),
        (body(entry([1.0], 1), entry([1.0], 1)), "invalid indices"),
        (body(entry([1.0], 0), entry([1.0, 2.0], 1)), "different lengths: 1, 2"),
        (body(entry([[1.0], [2.0]], 0), entry([1.0], 1)), "one embedding per token"),
        (body(entry([], 0), entry([1.0], 1)), "an empty embedding"),
        (body(entry("", 0), entry([1.0], 1)), "an empty embedding"),
        (body(entry("!!", 0), entry([1.0], 1)), "not base64"),
        (body(entry("AAA=", 0), entry([1.0], 1)), "not base64"),
        (body(entry(["a"], 0), entry([1.0], 1)), "not a list of numbers"),
        (body(entry(None, 0), entry([1.0], 1)), "an empty embedding"),
        (body(1, 2), "not embeddings"),
        (b"<html>", "HTML or text instead of JSON"),
        ({"data": {}}, "not a list of embeddings"),
        ([1], "not a list of embeddings"),
        ({"error": {"message": "no such model"}}, "no such model"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_explains_an_invalid_response(content: object, message: str) -> None:
    with pytest.raises(PlaygroundError, match=message):
        parse(content, 2)


@given(JSON_VALUES)
def test_raises_only_errors_with_an_explanation(content: object) -> None:
    with contextlib.suppress(PlaygroundError):
        assert parse(content, 1).vectors.shape[0] == 1


def test_parses_null_as_nan() -> None:
    assert np.isnan(parse(body(entry([1.0, None])), 1).vectors[0, 1])


def test_truncates_the_vectors_in_the_preview() -> None:
    entries = [entry([0.5] * 100, index) for index in range(50)]
    response = parse(body(*entries, usage={"prompt_tokens": 7}), 50)
    assert len(orjson.dumps(response.preview)) < 1_000
    assert response.usage
    assert response.usage.input_tokens == 7
