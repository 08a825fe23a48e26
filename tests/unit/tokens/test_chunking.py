"""Truncated texts and chunks stay within their limit of tokens, and split no character."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.tokens.chunking import ELLIPSIS, KeepSide, split_into_chunks, truncate
from core.tokens.encodings import count_tokens
from core.tokens.tokenizer import from_token_ids, tokenise

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400) | st.lists(
    st.sampled_from(["안녕하세요", "🇰🇷", " ", "\n\n", "뷁", "hello", "   ", "👩‍👩‍👧‍👦", "1234567"]),
    max_size=80,
).map("".join)
encodings = st.sampled_from(["o200k_base", "cl100k_base"])
sides = st.sampled_from(["start", "end", "both ends"])


@given(texts, encodings, st.integers(0, 120), sides)
@settings(deadline=None)
def test_never_exceeds_the_limit(text: str, encoding: str, limit: int, keep: KeepSide) -> None:
    truncation = truncate(tokenise(text, encoding), limit, keep)

    assert truncation.tokens == count_tokens(truncation.text, encoding) <= limit


@given(texts, st.integers(1, 120))
@settings(deadline=None)
def test_keeps_the_start_and_the_end_of_the_text(text: str, limit: int) -> None:
    tokens = tokenise(text, "cl100k_base")
    head, _, tail = truncate(tokens, limit, "both ends").text.partition(ELLIPSIS)

    assert text.startswith(truncate(tokens, limit, "start").text)
    assert text.endswith(truncate(tokens, limit, "end").text)
    assert ELLIPSIS in text or (text.startswith(head) and text.endswith(tail))


@given(texts, encodings, st.integers(0, 120))
@settings(deadline=None)
def test_counts_the_removed_tokens(text: str, encoding: str, limit: int) -> None:
    tokens = tokenise(text, encoding)
    truncation = truncate(tokens, limit)

    assert tokens.to_bytes(0, len(tokens) - truncation.removed) == truncation.text.encode()


def test_does_not_change_a_text_within_the_limit() -> None:
    truncation = truncate(tokenise("Short enough.", "o200k_base"), 10)

    assert (truncation.text, truncation.removed) == ("Short enough.", 0)


@given(texts, encodings, st.integers(16, 60), st.integers(0, 8))
@settings(deadline=None)
def test_covers_the_text_with_chunks_of_the_size(text: str, encoding: str, size: int, overlap: int) -> None:
    chunks = split_into_chunks(tokenise(text, encoding), size, overlap)

    assert all(chunk.tokens == count_tokens(chunk.text, encoding) <= size for chunk in chunks)
    assert b"".join(chunk.text.encode()[chunk.overlap_bytes :] for chunk in chunks) == text.encode()


def test_repeats_the_end_of_a_chunk_at_the_start_of_the_next() -> None:
    first, second, *_ = split_into_chunks(tokenise("one two three four " * 30, "o200k_base"), 40, 10)

    assert second.overlap_bytes == first.stop_byte - second.start_byte > 0
    assert first.text.endswith(second.text[: second.overlap_bytes])


def test_counts_allowed_special_tokens_when_truncating() -> None:
    text = "hello " * 5 + "<|endoftext|>" * 3 + "world" + " world" * 4

    truncation = truncate(tokenise(text, "o200k_base", allow_special=True), 12)

    assert (truncation.tokens, truncation.removed) == (12, 2)
    assert text.startswith(truncation.text)


@pytest.mark.parametrize("overlap", [0, 4])
def test_counts_allowed_special_tokens_when_splitting(overlap: int) -> None:
    chunks = list(
        split_into_chunks(tokenise("<|endoftext|>" * 20, "o200k_base", allow_special=True), 16, overlap)
    )

    assert [chunk.tokens for chunk in chunks] == [16, 4 + overlap]


@pytest.mark.timeout(20)
def test_ends_if_a_token_encodes_to_more_than_a_chunk() -> None:
    tokens = from_token_ids([199999] * 40, "o200k_base")

    assert "".join(chunk.text for chunk in split_into_chunks(tokens, 16)) == "<|endoftext|>" * 40


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (15, 0), (100, 51), (100, -1)])
def test_rejects_invalid_sizes_and_overlaps(size: int, overlap: int) -> None:
    with pytest.raises(PlaygroundError):
        split_into_chunks(tokenise("a", "o200k_base"), size, overlap)
