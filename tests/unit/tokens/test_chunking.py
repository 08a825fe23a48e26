"""Cutting by tokens keeps within the number asked for, and loses no character by halves."""

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
keeps = st.sampled_from(["start", "end", "both ends"])


@given(texts, encodings, st.integers(0, 120), keeps)
@settings(deadline=None)
def test_never_keeps_more_tokens_than_asked_for(text: str, encoding: str, limit: int, keep: KeepSide) -> None:
    cut = truncate(tokenise(text, encoding), limit, keep)

    assert cut.tokens == count_tokens(cut.text, encoding) <= limit


@given(texts, st.integers(1, 120))
@settings(deadline=None)
def test_keeps_a_beginning_and_an_end_of_the_text(text: str, limit: int) -> None:
    tokens = tokenise(text, "cl100k_base")
    head, _, tail = truncate(tokens, limit, "both ends").text.partition(ELLIPSIS)

    assert text.startswith(truncate(tokens, limit, "start").text)
    assert text.endswith(truncate(tokens, limit, "end").text)
    assert ELLIPSIS in text or (text.startswith(head) and text.endswith(tail))


def test_leaves_a_text_that_fits_as_it_is() -> None:
    cut = truncate(tokenise("Short enough.", "o200k_base"), 10)

    assert (cut.text, cut.removed) == ("Short enough.", 0)


@given(texts, encodings, st.integers(16, 60), st.integers(0, 8))
@settings(deadline=None)
def test_covers_the_text_with_chunks_that_fit(text: str, encoding: str, size: int, overlap: int) -> None:
    chunks = list(split_into_chunks(tokenise(text, encoding), size, overlap))

    assert all(chunk.tokens == count_tokens(chunk.text, encoding) <= size for chunk in chunks)
    assert b"".join(chunk.text.encode()[chunk.overlap_bytes :] for chunk in chunks) == text.encode()


def test_repeats_the_end_of_a_chunk_at_the_start_of_the_next() -> None:
    first, second, *_ = split_into_chunks(tokenise("one two three four " * 30, "o200k_base"), 40, 10)

    assert second.overlap_bytes == first.stop_byte - second.start_byte > 0
    assert first.text.endswith(second.text[: second.overlap_bytes])


def test_trims_special_tokens_as_the_tokens_they_are() -> None:
    text = "hello " * 5 + "<|endoftext|>" * 3 + "world" + " world" * 4

    cut = truncate(tokenise(text, "o200k_base", allow_special=True), 12)

    assert (cut.tokens, cut.removed) == (12, 2)
    assert text.startswith(cut.text)


@pytest.mark.parametrize("overlap", [0, 4])
def test_splits_special_tokens_as_the_tokens_they_are(overlap: int) -> None:
    chunks = list(
        split_into_chunks(tokenise("<|endoftext|>" * 20, "o200k_base", allow_special=True), 16, overlap)
    )

    assert [chunk.tokens for chunk in chunks] == [16, 4 + overlap]


@pytest.mark.timeout(20)
def test_comes_to_an_end_where_one_token_reads_as_many() -> None:
    ends = from_token_ids([199999] * 40, "o200k_base")

    assert "".join(chunk.text for chunk in split_into_chunks(ends, 16)) == "<|endoftext|>" * 40


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (15, 0), (100, 51), (100, -1)])
def test_refuses_sizes_that_cannot_work(size: int, overlap: int) -> None:
    with pytest.raises(PlaygroundError):
        split_into_chunks(tokenise("a", "o200k_base"), size, overlap)
