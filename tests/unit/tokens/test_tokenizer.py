"""A text is its tokens: nothing is lost, no character is shown by halves, and encodings are compared."""

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

any_text = st.text(max_size=300)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=300) | st.lists(
    st.sampled_from(["안녕", "뷁", "🇰🇷", "👩‍👩‍👧‍👦", "𓀀", " ", "\n", "hello", "e\u0301", "<|endoftext|>"]),
    max_size=60,
).map("".join)
encodings = st.sampled_from(["o200k_base", "cl100k_base", "p50k_base"])


@given(text, encodings)
@settings(deadline=None)
def test_gives_pieces_that_join_to_the_text(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    _, pieces = page(tokens, 0, len(tokens))

    assert "".join(piece.text or "" for piece in pieces) == text


@given(text, encodings)
@settings(deadline=None)
def test_gives_every_id_once_and_in_order(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    _, pieces = page(tokens, 0, len(tokens))

    assert [token for piece in pieces for token in piece.ids] == tokens.ids.tolist()


@given(text, encodings, st.integers(-5, 400), st.integers(0, 50))
@settings(deadline=None)
def test_parts_no_character_wherever_the_window_is(text: str, encoding: str, at: int, length: int) -> None:
    start, pieces = page(tokenise(text, encoding), at, length)

    assert start <= max(at, 0)
    assert all(piece.text is not None and piece.text in text for piece in pieces)


@given(any_text, encodings)
@settings(deadline=None)
def test_decodes_its_ids_to_the_text(text: str, encoding: str) -> None:
    ids = tokenise(text, encoding).ids.tolist()
    sendable = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    assert decode(from_token_ids(ids, encoding)) == sendable


@given(st.lists(st.integers(0, 50_000), max_size=40))
@settings(deadline=None)
def test_never_shows_bytes_of_any_ids_as_replacement_characters(ids: list[int]) -> None:
    tokens = from_token_ids([token for token in ids if vocabulary("cl100k_base")[token]], "cl100k_base")

    _, pieces = page(tokens, 0, len(tokens))

    assert b"".join(part for piece in pieces for part in piece.token_bytes) == tokens.to_bytes()
    assert all("\ufffd" not in (piece.text or "") or b"\xef\xbf\xbd" in tokens.to_bytes() for piece in pieces)


@pytest.mark.parametrize(
    ("text", "encoding", "tokens", "shared"),
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
def test_groups_the_tokens_of_a_character(text: str, encoding: str, tokens: int, shared: int) -> None:
    found = tokenise(text, encoding)

    _, pieces = page(found, 0, len(found))

    assert len(found) == tokens
    assert sum(len(piece.ids) for piece in pieces if len(piece.ids) > 1) == shared


def test_marks_what_another_encoding_cuts_otherwise() -> None:
    ours, theirs = (tokenise("hello 안녕하세요 world", name) for name in ("o200k_base", "cl100k_base"))

    _, pieces = page(ours, 0, len(ours), theirs)

    assert [piece.text for piece in pieces if not piece.differs] == ["hello", " 안", " world"]


@given(text, encodings)
@settings(deadline=None)
def test_does_not_differ_from_itself(text: str, encoding: str) -> None:
    tokens = tokenise(text, encoding)

    assert count_differences(tokens, tokens) == 0


@given(text, encodings, st.integers(0, 100), st.integers(1, 100))
@settings(deadline=None)
def test_finds_the_tokens_of_the_same_bytes(text: str, encoding: str, first: int, length: int) -> None:
    tokens = tokenise(text, encoding)
    first, last = min(first, tokens.byte_count), min(first + length, tokens.byte_count)

    start, found = token_range_for_bytes(tokens, first, last)

    assert text.encode()[first:last] in tokens.to_bytes(start, start + found)


@pytest.mark.parametrize(
    ("text", "special", "tokens"),
    [
        pytest.param("<|endoftext|>", False, 7, id="as text"),
        pytest.param("<|endoftext|>", True, 1, id="as meant"),
        pytest.param("<|im_start|>", True, 6, id="never one"),
    ],
)
def test_takes_special_tokens_as_text_unless_asked(text: str, special: bool, tokens: int) -> None:
    assert len(tokenise(text, "o200k_base", special)) == tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        pytest.param(" " * 1_000_000, 7_813, id="a million spaces"),
        pytest.param("\ud83d", 1, id="half a character"),
        pytest.param("\x00\x01\x7f", 3, id="control characters"),
        pytest.param("a" * 1_000_000, 125_000, id="a million letters"),
    ],
)
def test_counts_odd_texts(text: str, tokens: int) -> None:
    assert len(tokenise(text, "o200k_base")) == pytest.approx(tokens, rel=0.01)


@pytest.mark.parametrize(
    "text", ["a" * (MAX_TEXT_BYTES + 1), "가" * (MAX_TEXT_BYTES // 3 + 1)], ids=["letters", "bytes"]
)
def test_says_what_is_too_much(text: str) -> None:
    with pytest.raises(PlaygroundError, match="larger than 10 MB"):
        tokenise(text, "o200k_base")


@pytest.mark.parametrize("text", ["1, 2,3", "[1, 2, 3]", "1\n2\t3", "(1; 2; 3)", "[[1],[2, 3]]"])
def test_reads_ids_as_people_write_them(text: str) -> None:
    assert parse_token_ids(text) == [1, 2, 3]


@given(st.text(st.characters(categories=["L", "P"], exclude_characters=",;[]()"), min_size=1, max_size=20))
def test_says_which_word_is_no_id(word: str) -> None:
    with pytest.raises(PlaygroundError, match="is not a token id"):
        parse_token_ids(f"1, 2 {word}")


@pytest.mark.parametrize("token", [-1, 199_998, 200_019, 10**19], ids=["negative", "hole", "last", "huge"])
def test_names_an_id_that_the_encoding_does_not_have(token: int) -> None:
    with pytest.raises(PlaygroundError, match=f"no token {token}"):
        from_token_ids([1, token], "o200k_base")


def test_ranks_the_tokens_of_a_text() -> None:
    text = " the cat and the dog and the internationalisation"

    found = statistics(text, tokenise(text, "o200k_base"))

    assert [(data, times) for _, data, times in found.most_frequent[:2]] == [(b" the", 3), (b" and", 2)]
    assert found.longest[0][1] == b" international"


def test_counts_characters_words_lines_and_halves() -> None:
    text = "two words\nand 한글 \ud83d <|endoftext|>"
    found = statistics(text, tokenise(text, "o200k_base"))

    assert (found.characters, found.words, found.lines) == (len(text), 6, 2)
    assert (found.lone_surrogates, found.special_tokens) == (1, ("<|endoftext|>",))
    assert found.tokens == count_tokens(text)
    assert found.bytes_per_token == pytest.approx(found.byte_count / found.tokens)


def test_has_figures_for_nothing() -> None:
    found = statistics("", tokenise("", "o200k_base"))

    assert (found.tokens, found.lines, found.bytes_per_token, found.most_frequent) == (0, 0, 0.0, ())
