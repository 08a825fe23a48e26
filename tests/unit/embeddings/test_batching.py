"""Batches: duplicates, long texts and the limits of a request."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.batching import LongTextPolicy, RequestLimits, prepare_batch, split_requests
from core.embeddings.inputs import InputText
from core.tokens.encodings import count_tokens

CL100K = "cl100k_base"
TOKEN_COUNTS = st.lists(st.integers(1, 50), max_size=60)


def test_embeds_duplicates_once_with_a_warning() -> None:
    batch = prepare_batch([InputText(1, "a"), InputText(2, "b"), InputText(3, "a")], CL100K)
    assert [chunk.text for chunk in batch.chunks] == ["a", "b"]
    assert batch.chunk_indices == ((0,), (1,), (0,))
    assert [(warning.line, warning.kind) for warning in batch.warnings] == [(3, "duplicate")]


@pytest.mark.parametrize(
    ("policy", "words"), [("truncate", [10]), ("average", [10, 9, 6]), ("skip", [])], ids=str
)
def test_handles_a_long_text_by_the_policy(policy: LongTextPolicy, words: list[int]) -> None:
    batch = prepare_batch([InputText(7, " word" * 25)], CL100K, policy, max_tokens=10)
    assert [len(chunk.text.split()) for chunk in batch.chunks] == words
    assert [(warning.line, warning.kind) for warning in batch.warnings] == [(7, "too long")]


@given(st.text(min_size=1, max_size=300), st.integers(4, 20))
def test_makes_no_chunk_that_is_too_long(text: str, max_tokens: int) -> None:
    batch = prepare_batch([InputText(1, text)], CL100K, "average", max_tokens)
    assert all(0 < chunk.tokens <= max_tokens for chunk in batch.chunks)
    assert all(chunk.tokens == count_tokens(chunk.text, CL100K) for chunk in batch.chunks)


@given(TOKEN_COUNTS, st.integers(1, 10), st.integers(1, 100))
def test_puts_every_text_into_one_request_in_order(counts: list[int], inputs: int, tokens: int) -> None:
    requests = list(split_requests(counts, RequestLimits(inputs, tokens)))
    assert [index for request in requests for index in request] == list(range(len(counts)))


@given(TOKEN_COUNTS, st.integers(1, 10), st.integers(1, 100))
def test_respects_the_limits_of_a_request(counts: list[int], inputs: int, tokens: int) -> None:
    for request in split_requests(counts, RequestLimits(inputs, tokens)):
        assert len(request) <= inputs
        assert len(request) == 1 or sum(counts[index] for index in request) <= tokens


@given(TOKEN_COUNTS, st.integers(1, 10), st.integers(1, 100))
def test_fills_a_request_before_the_next(counts: list[int], inputs: int, tokens: int) -> None:
    for request, after in pairwise(split_requests(counts, RequestLimits(inputs, tokens))):
        total = sum(counts[index] for index in request)
        assert len(request) == inputs or total + counts[after.start] > tokens


@pytest.mark.parametrize(
    ("counts", "requests"),
    [([1] * 2048, 1), ([1] * 2049, 2), ([8192] * 36, 1), ([8192] * 37, 2), ([], 0)],
    ids=["2048 inputs", "2049 inputs", "294,912 tokens", "303,104 tokens", "none"],
)
def test_splits_by_the_limits_of_the_api(counts: list[int], requests: int) -> None:
    assert len(list(split_requests(counts))) == requests
