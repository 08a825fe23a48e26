"""What servers send for vectors, odd as it may be."""

import base64
import contextlib
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai import AsyncOpenAI

from core.calls import execute
from core.client.retry import RetryPolicy
from core.embeddings.request import EmbeddingsCall, EmbeddingSpec
from core.embeddings.response import EmbeddingResponse, parse_response
from core.errors.types import PlaygroundError
from core.runs.log import RunLog
from core.runs.run import Run, RunState
from tests.servers import StubResponse, http_response, stub_server

FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=8)
LEAVES = st.none() | st.booleans() | st.floats() | st.text(max_size=5)
NAMES = st.sampled_from(["data", "embedding", "index", "error", "usage"])
ANYTHING = st.recursive(
    LEAVES,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(NAMES, one, max_size=4),
    max_leaves=8,
)


def packed(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, "<f4").tobytes()).decode()


def entry(embedding: Any, index: int | None = 0) -> dict[str, Any]:
    return {"object": "embedding", "embedding": embedding} | ({} if index is None else {"index": index})


def body(*data: Any, **more: Any) -> dict[str, Any]:
    return {"object": "list", "data": list(data), "model": "m", **more}


def read(content: object, inputs: int) -> EmbeddingResponse:
    return parse_response(content if isinstance(content, bytes) else orjson.dumps(content), inputs)


@given(FLOATS)
def test_reads_floats_and_base64_alike(numbers: list[float]) -> None:
    plain, coded = read(body(entry(numbers)), 1), read(body(entry(packed(*numbers))), 1)
    assert np.array_equal(plain.vectors, coded.vectors)
    assert plain.vectors.dtype == np.float32


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
def test_puts_vectors_in_the_order_of_the_texts(data: list[Any], expected: list[int]) -> None:
    assert read(body(*data), 2).vectors[:, 0].tolist() == expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (body(entry([1.0])), "1 vectors for 2 texts"),
        (body(), "0 vectors for 2 texts"),
        (body(entry([1.0], 0), entry([1.0], 2)), "numbered its vectors wrongly"),
        (body(entry([1.0], 1), entry([1.0], 1)), "numbered its vectors wrongly"),
        (body(entry([1.0], 0), entry([1.0, 2.0], 1)), "different lengths: 1, 2"),
        (body(entry([[1.0], [2.0]], 0), entry([1.0], 1)), "a vector for every token"),
        (body(entry([], 0), entry([1.0], 1)), "an empty embedding"),
        (body(entry("", 0), entry([1.0], 1)), "an empty embedding"),
        (body(entry("!!", 0), entry([1.0], 1)), "not base64"),
        (body(entry("AAA=", 0), entry([1.0], 1)), "not base64"),
        (body(entry(["a"], 0), entry([1.0], 1)), "not made of numbers"),
        (body(entry(None, 0), entry([1.0], 1)), "an empty embedding"),
        (body(1, 2), "not embeddings"),
        (b"<html>", "a page, not with JSON"),
        ({"data": {}}, "not a list of embeddings"),
        ([1], "not a list of embeddings"),
        ({"error": {"message": "no such model"}}, "no such model"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_says_what_is_odd(content: object, words: str) -> None:
    with pytest.raises(PlaygroundError, match=words):
        read(content, 2)


@given(ANYTHING)
def test_explains_whatever_else_it_gets(content: object) -> None:
    with contextlib.suppress(PlaygroundError):
        assert read(content, 1).vectors.shape[0] == 1


def test_reads_null_as_no_number() -> None:
    assert np.isnan(read(body(entry([1.0, None])), 1).vectors[0, 1])


def test_keeps_an_outline_without_the_numbers() -> None:
    found = read(body(*(entry([0.5] * 100, place) for place in range(50)), usage={"prompt_tokens": 7}), 50)
    assert len(orjson.dumps(found.preview)) < 1_000
    assert found.usage
    assert found.usage.input_tokens == 7


async def made(answer: StubResponse) -> tuple[Run, list[EmbeddingResponse]]:
    """Return the run of one call to a server that gives *answer*, and its parsed responses."""
    spec, responses = EmbeddingSpec("m"), list[EmbeddingResponse]()
    params = spec.params(["a"])
    log = RunLog(Run("embeddings", EmbeddingsCall.endpoint, params))
    async with (
        stub_server(answer) as server,
        AsyncOpenAI(base_url=server.url, api_key="k", max_retries=0) as client,
    ):
        await execute(client, EmbeddingsCall(responses.append), params, log, RetryPolicy(0))
    return log.snapshot(), responses


async def test_takes_floats_from_a_server_that_ignores_base64() -> None:
    run, came = await made(http_response(body(entry([3.0, 4.0]))))
    assert run.state is RunState.DONE
    assert came[0].vectors.tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (http_response(body(entry([[1.0], [2.0]]))), "a vector for every token"),
        (http_response("<html>hello</html>"), "a page, not with JSON"),
        (http_response({"error": {"message": "Incorrect API key"}}, 401), "key"),
        (http_response({"error": {"code": 501, "message": "does not support embeddings"}}, 501), ""),
        (http_response({"detail": "Not Found"}, 404), ""),
    ],
    ids=["per token", "page", "401", "501", "404"],
)
async def test_ends_a_run_that_fails_with_an_explanation(answer: StubResponse, title: str) -> None:
    run, came = await made(answer)
    assert (run.state, came) == (RunState.FAILED, [])
    assert run.error
    assert title in run.error.title


def test_asks_for_what_the_model_takes() -> None:
    assert EmbeddingSpec("text-embedding-3-small", 256).params(["a"])["dimensions"] == 256
    assert "dimensions" not in EmbeddingSpec("text-embedding-ada-002", 256).params(["a"])
    assert EmbeddingSpec("some-local-embedder", 64).params(["a"])["dimensions"] == 64
