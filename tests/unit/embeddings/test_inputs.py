"""Texts as they are given, and as they are sent."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.embeddings.batching import LongTextPolicy, RequestLimits, prepare_batch, split_requests
from core.embeddings.csv_input import column_names, from_csv
from core.embeddings.inputs import MAX_INPUTS, InputText, InputWarning, from_lines, summarise_warnings
from core.errors.types import PlaygroundError
from core.tokens.encodings import count_tokens

CL100K = "cl100k_base"
SIZES = st.lists(st.integers(1, 50), max_size=60)


def test_reads_a_text_a_line_with_the_group_above_it() -> None:
    items, _ = from_lines("alone\n# Weather\n rain \n# Food\nrice")
    assert items == [InputText(1, "alone"), InputText(3, "rain", "Weather"), InputText(5, "rice", "Food")]


def test_names_the_lines_that_are_empty() -> None:
    _, remarks = from_lines("a\n\nb\n   \n")
    assert [(remark.line, remark.kind) for remark in remarks] == [(2, "empty"), (4, "empty")]


def test_takes_ten_thousand_texts_and_says_what_is_left_out() -> None:
    items, remarks = from_lines("x\n" * (MAX_INPUTS + 3))
    assert len(items) == MAX_INPUTS
    assert (remarks[-1].line, remarks[-1].kind) == (MAX_INPUTS + 1, "too many")


def test_says_the_same_of_many_lines_once() -> None:
    remarks = [InputWarning(line, "empty", "Empty: left out.") for line in range(1, 13)]
    assert summarise_warnings(remarks, max_lines=3) == ["Lines 1, 2, 3 and 9 more: Empty: left out."]


@pytest.mark.parametrize(
    "data",
    [
        'label,text\na,안녕\n,\nb,"two\nlines"\n'.encode(),
        '\ufefflabel;text\na;안녕\n;\nb;"two\nlines"\n'.encode(),
        'label\ttext\na\t안녕\n\t\nb\t"two\nlines"\n'.encode("cp949"),
        'label,text\na,안녕\n,\nb,"two\nlines"\n'.encode("utf-16"),
    ],
    ids=["utf-8", "semicolons with a mark", "tabs in cp949", "utf-16"],
)
def test_reads_a_column_of_a_csv_file(data: bytes) -> None:
    assert column_names(data) == ["label", "text"]
    items, remarks = from_csv(data, 1, 0)
    assert items == [InputText(2, "안녕", "a"), InputText(4, "two\nlines", "b")]
    assert remarks[0].line == 3


def test_reads_western_letters_and_tells_columns_of_one_name_apart() -> None:
    items, _ = from_csv("text,text\nun,café ñ\n".encode("cp1252"), 1)
    assert items == [InputText(2, "café ñ")]


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xff\xd8\xff\xe0\x00\x10JFIF\xff"], ids=["none", "blank", "jpeg"]
)
def test_refuses_what_is_no_table(data: bytes) -> None:
    with pytest.raises(PlaygroundError):
        column_names(data)


def test_embeds_duplicates_once_and_names_them() -> None:
    prepared = prepare_batch([InputText(1, "a"), InputText(2, "b"), InputText(3, "a")], CL100K)
    assert [piece.text for piece in prepared.chunks] == ["a", "b"]
    assert prepared.chunk_indices == ((0,), (1,), (0,))
    assert [(remark.line, remark.kind) for remark in prepared.warnings] == [(3, "duplicate")]


@pytest.mark.parametrize(
    ("choice", "pieces"), [("truncate", [10]), ("average", [10, 9, 6]), ("leave out", [])], ids=str
)
def test_shortens_a_long_text_as_chosen(choice: LongTextPolicy, pieces: list[int]) -> None:
    prepared = prepare_batch([InputText(7, " word" * 25)], CL100K, choice, max_tokens=10)
    assert [len(piece.text.split()) for piece in prepared.chunks] == pieces
    assert [(remark.line, remark.kind) for remark in prepared.warnings] == [(7, "too long")]


@given(st.text(min_size=1, max_size=300), st.integers(4, 20))
def test_never_sends_a_piece_that_is_too_long(text: str, longest: int) -> None:
    prepared = prepare_batch([InputText(1, text)], CL100K, "average", longest)
    assert all(0 < piece.tokens <= longest for piece in prepared.chunks)
    assert all(piece.tokens == count_tokens(piece.text, CL100K) for piece in prepared.chunks)


@given(SIZES, st.integers(1, 10), st.integers(1, 100))
def test_packs_every_text_once_and_in_order(sizes: list[int], inputs: int, tokens: int) -> None:
    packed = list(split_requests(sizes, RequestLimits(inputs, tokens)))
    assert [place for part in packed for place in part] == list(range(len(sizes)))


@given(SIZES, st.integers(1, 10), st.integers(1, 100))
def test_keeps_within_the_limits_of_a_request(sizes: list[int], inputs: int, tokens: int) -> None:
    for part in split_requests(sizes, RequestLimits(inputs, tokens)):
        assert len(part) <= inputs
        assert len(part) == 1 or sum(sizes[place] for place in part) <= tokens


@given(SIZES, st.integers(1, 10), st.integers(1, 100))
def test_fills_a_request_before_it_begins_another(sizes: list[int], inputs: int, tokens: int) -> None:
    for part, after in pairwise(split_requests(sizes, RequestLimits(inputs, tokens))):
        assert len(part) == inputs or sum(sizes[place] for place in part) + sizes[after.start] > tokens


@pytest.mark.parametrize(
    ("sizes", "requests"),
    [([1] * 2048, 1), ([1] * 2049, 2), ([8192] * 36, 1), ([8192] * 37, 2), ([], 0)],
    ids=["2048 inputs", "2049 inputs", "294,912 tokens", "303,104 tokens", "nothing"],
)
def test_packs_by_the_limits_of_the_api(sizes: list[int], requests: int) -> None:
    assert len(list(split_requests(sizes))) == requests
