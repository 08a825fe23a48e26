"""Tokens lose nothing of a text, split no character, and can be compared between encodings."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors.types import PlaygroundError
from core.tokens.encodings import count_tokens, vocabulary
from core.tokens.tokenizer import (
    MAX_TEXT_BYTES,
    count_differences,
    decode,
    from_token_ids,
    page,
    parse_token_ids,
    statistics,
    token_range_for_bytes,
    tokenise,
)

any_texts = st.text(max_size=300)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.lists(
    st.sampled_from(["안녕", "뷁", "🇰🇷", "👩‍👩‍👧‍👦", "𓀀", " ", "\n", "hello", "e\u0301", "<|endoftext|>"]),
    max_size=60,
).map("".join)
encodings = st.sampled_from(["o200k_base", "cl100k_base", "p50k_base"])


@given(texts, encodings)
@settings(deadline=None)
def test_returns_spans_that_join_to_the_text(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    _, spans = page(tokens, 0, len(tokens))

    assert "".join(span.text or "" for span in spans) == text


@given(texts, encodings)
@settings(deadline=None)
def test_returns_every_id_once_and_in_order(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    _, spans = page(tokens, 0, len(tokens))

    assert [token for span in spans for token in span.ids] == tokens.ids.tolist()


@given(texts, encodings, st.integers(-5, 400), st.integers(0, 50))
@settings(deadline=None)
def test_splits_no_character_on_any_page(text: str, encoding: str, index: int, length: int) -> None:
    start, spans = page(tokenise(text, encoding), index, length)

    assert start <= max(index, 0)
    assert all(span.text is not None and span.text in text for span in spans)


@given(any_texts, encodings)
@settings(deadline=None)
def test_decodes_its_ids_to_the_text(text: str, encoding: str) -> None:
    ids = tokenise(text, encoding).ids.tolist()
    without_surrogates = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    assert decode(from_token_ids(ids, encoding)) == without_surrogates


@given(st.lists(st.integers(0, 50_000), max_size=40))
@settings(deadline=None)
def test_returns_no_replacement_characters_for_arbitrary_ids(ids: list[int]) -> None:
    tokens = from_token_ids([token for token in ids if vocabulary("cl100k_base")[token]], "cl100k_base")

    _, spans = page(tokens, 0, len(tokens))

    assert b"".join(part for span in spans for part in span.token_bytes) == tokens.to_bytes()
    assert all("\ufffd" not in (span.text or "") or b"\xef\xbf\xbd" in tokens.to_bytes() for span in spans)


@pytest.mark.parametrize(
    ("text", "encoding", "count", "shared"),
    [
        pytest.param("안녕하세요", "o200k_base", 2, 0, id="Korean"),
        pytest.param("안녕하세요", "cl100k_base", 5, 4, id="Korean, by bytes"),
        pytest.param("뷁", "o200k_base", 2, 2, id="a rare syllable"),
        pytest.param("뷁", "cl100k_base", 3, 3, id="a rare syllable, older"),
        pytest.param("똠방각하", "o200k_base", 6, 3, id="half of it rare"),
        pytest.param("한글 토큰", "o200k_base", 4, 0, id="Korean words"),
        pytest.param("한글 토큰", "cl100k_base", 7, 5, id="Korean words, older"),
        pytest.param("🇰🇷", "o200k_base", 4, 4, id="a flag"),
        pytest.param("👩‍👩‍👧‍👦", "o200k_base", 11, 8, id="a family"),
        pytest.param("🤷🏽‍♀️", "o200k_base", 7, 4, id="a shrug"),
        pytest.param("漢字", "cl100k_base", 3, 2, id="Chinese"),
    ],
)
def test_groups_the_tokens_of_a_character(text: str, encoding: str, count: int, shared: int) -> None:
    tokens = tokenise(text, encoding)

    _, spans = page(tokens, 0, len(tokens))

    assert len(tokens) == count
    assert sum(len(span.ids) for span in spans if len(span.ids) > 1) == shared


def test_marks_what_another_encoding_splits_differently() -> None:
    o200k, cl100k = (tokenise("hello 안녕하세요 world", name) for name in ("o200k_base", "cl100k_base"))

    _, spans = page(o200k, 0, len(o200k), cl100k)

    assert [span.text for span in spans if not span.differs] == ["hello", " 안", " world"]


@given(texts, encodings)
@settings(deadline=None)
def test_does_not_differ_from_itself(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    assert count_differences(tokens, tokens) == 0


@given(texts, encodings, st.integers(0, 100), st.integers(1, 100))
@settings(deadline=None)
def test_returns_the_tokens_of_a_byte_range(text: str, encoding: str, first: int, length: int) -> None:
    tokens = tokenise(text, encoding)
    first, last = min(first, tokens.byte_count), min(first + length, tokens.byte_count)

    start, count = token_range_for_bytes(tokens, first, last)

    assert text.encode()[first:last] in tokens.to_bytes(start, start + count)


@pytest.mark.parametrize(
    ("text", "allow_special", "count"),
    [
        pytest.param("<|endoftext|>", False, 7, id="as text"),
        pytest.param("<|endoftext|>", True, 1, id="as a special token"),
        pytest.param("<|im_start|>", True, 6, id="never a special token"),
    ],
)
def test_encodes_special_tokens_as_text_unless_allowed(text: str, allow_special: bool, count: int) -> None:
    assert len(tokenise(text, "o200k_base", allow_special)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(" " * 1_000_000, 7_813, id="a million spaces"),
        pytest.param("\ud83d", 1, id="a lone surrogate"),
        pytest.param("\x00\x01\x7f", 3, id="control characters"),
        pytest.param("a" * 1_000_000, 125_000, id="a million letters"),
    ],
)
def test_encodes_unusual_texts(text: str, count: int) -> None:
    assert len(tokenise(text, "o200k_base")) == pytest.approx(count, rel=0.01)


@pytest.mark.parametrize(
    "text", ["a" * (MAX_TEXT_BYTES + 1), "가" * (MAX_TEXT_BYTES // 3 + 1)], ids=["letters", "bytes"]
)
def test_rejects_a_text_that_is_too_large(text: str) -> None:
    with pytest.raises(PlaygroundError, match="larger than 10 MB"):
        tokenise(text, "o200k_base")


@pytest.mark.parametrize("text", ["1, 2,3", "[1, 2, 3]", "1\n2\t3", "(1; 2; 3)", "[[1],[2, 3]]"])
def test_parses_ids_in_common_notations(text: str) -> None:
    assert parse_token_ids(text) == [1, 2, 3]


@given(st.text(st.characters(categories=["L", "P"], exclude_characters=",;[]()"), min_size=1, max_size=20))
def test_names_the_word_that_is_not_an_id(word: str) -> None:
    with pytest.raises(PlaygroundError, match="is not a token ID"):
        parse_token_ids(f"1, 2 {word}")


@pytest.mark.parametrize(
    "token", [-1, 199_998, 200_019, 10**19], ids=["negative", "unused", "too large", "huge"]
)
def test_names_an_id_that_the_encoding_does_not_have(token: int) -> None:
    with pytest.raises(PlaygroundError, match=f"no token {token}"):
        from_token_ids([1, token], "o200k_base")


def test_ranks_the_tokens_of_a_text() -> None:
    text = " the cat and the dog and the internationalisation"

    stats = statistics(text, tokenise(text, "o200k_base"))

    assert [(data, count) for _, data, count in stats.most_frequent[:2]] == [(b" the", 3), (b" and", 2)]
    assert stats.longest[0][1] == b" international"


def test_counts_characters_words_lines_and_lone_surrogates() -> None:
    text = "two words\nand 한글 \ud83d <|endoftext|>"
    stats = statistics(text, tokenise(text, "o200k_base"))

    assert (stats.characters, stats.words, stats.lines) == (len(text), 6, 2)
    assert (stats.lone_surrogates, stats.special_tokens) == (1, ("<|endoftext|>",))
    assert stats.tokens == count_tokens(text)
    assert stats.bytes_per_token == pytest.approx(stats.byte_count / stats.tokens)


def test_has_statistics_for_an_empty_text() -> None:
    stats = statistics("", tokenise("", "o200k_base"))

    assert (stats.tokens, stats.lines, stats.bytes_per_token, stats.most_frequent) == (0, 0, 0.0, ())
