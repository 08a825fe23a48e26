"""Tokens are those of tiktoken, for any text, without a download."""

from pathlib import Path
from typing import get_args

import pytest
import tiktoken
from hypothesis import example, given
from hypothesis import strategies as st
from openai.types.shared.chat_model import ChatModel

from core.errors.types import PlaygroundError
from core.models.catalog import Model, model_families
from core.tokens.encodings import (
    ENCODINGS,
    VOCABULARIES,
    check_vocabulary,
    count_tokens,
    encode,
    encode_to_array,
    encoding_for_model,
)


@pytest.mark.parametrize(
    ("model_id", "name", "assumed"),
    [
        pytest.param("gpt-4o-mini", "o200k_base", False, id="exact"),
        pytest.param("gpt-4o-2024-08-06", "o200k_base", False, id="snapshot"),
        pytest.param("gpt-4-0613", "cl100k_base", False, id="older snapshot"),
        pytest.param("ft:gpt-4.1:org::id", "o200k_base", False, id="fine-tuned, where tiktoken says cl100k"),
        pytest.param("ft:gpt-3.5-turbo:org::id", "cl100k_base", False, id="fine-tuned older"),
        pytest.param("openai/gpt-oss-20b", "o200k_harmony", False, id="with a vendor prefix"),
        pytest.param("gpt-oss:20b", "o200k_harmony", False, id="with a size"),
        pytest.param("gpt-6-luna", "o200k_base", True, id="no public mapping"),
        pytest.param("gpt-4all-j", "o200k_base", True, id="only a common prefix"),
        pytest.param("llama3.2:latest", "o200k_base", True, id="another vendor's"),
        pytest.param("", "o200k_base", True, id="empty"),
    ],
)
def test_returns_the_encoding_of_a_model(model_id: str, name: str, assumed: bool) -> None:
    encoding = encoding_for_model(model_id)

    assert (encoding.name, encoding.assumed) == (name, assumed)


@pytest.mark.parametrize("model", model_families(), ids=lambda model: model.id)
def test_agrees_with_the_model_table(model: Model) -> None:
    encoding = encoding_for_model(model.id)

    assert (encoding.name, encoding.assumed) == (model.encoding, model.encoding_assumed)


@pytest.mark.parametrize("model_id", get_args(ChatModel))
def test_agrees_with_tiktoken_where_it_has_a_mapping(model_id: str) -> None:
    encoding = encoding_for_model(model_id)
    try:
        expected = tiktoken.encoding_name_for_model(model_id)
    except KeyError:
        expected = "o200k_base"

    assert encoding.name == expected


@pytest.mark.parametrize(
    ("text", "o200k", "cl100k"),
    [
        pytest.param("안녕하세요", 2, 5, id="Korean"),
        pytest.param("뷁", 2, 3, id="a rare syllable"),
        pytest.param("똠방각하", 6, 8, id="split characters"),
        pytest.param("🇰🇷", 4, 6, id="flag"),
        pytest.param("👩‍👩‍👧‍👦", 11, 18, id="family"),
        pytest.param("🤷🏽‍♀️", 7, 10, id="skin tone"),
        pytest.param("漢字", 2, 3, id="Chinese characters"),
        pytest.param("<|endoftext|>", 7, 7, id="special token as text"),
        pytest.param("<|im_start|>", 6, 6, id="chat marker"),
        pytest.param("", 0, 0, id="empty"),
    ],
)
def test_counts_published_samples(text: str, o200k: int, cl100k: int) -> None:
    assert (count_tokens(text), count_tokens(text, "cl100k_base")) == (o200k, cl100k)


@pytest.mark.parametrize("name", ENCODINGS)
def test_loads_each_vocabulary_from_the_repository(name: str) -> None:
    assert encode("hello", name)


def test_holds_no_second_copy_of_a_vocabulary() -> None:
    encode("hello")

    assert not tiktoken.get_encoding("o200k_base")._mergeable_ranks


def test_encodes_a_lone_surrogate() -> None:
    assert count_tokens("a\ud83d b") > 0


@pytest.mark.parametrize("blank", [" ", "\t"], ids=["spaces", "tabs"])
def test_encodes_a_run_of_blanks_that_overflows_tiktoken(blank: str) -> None:
    assert count_tokens(blank * 1_100_000) > 1_000


@given(st.text())
def test_returns_tokens_that_decode_to_the_text(text: str) -> None:
    tokens = encode(text)  # first, because it sets the folder from which tiktoken loads the vocabulary

    assert tiktoken.get_encoding("o200k_base").decode(tokens) == text


@given(st.text(st.characters()), st.booleans())
@example("<|endoftext|>", True)
@example("a\ud83d b", False)
@example(" " * 1_100_000, False)
def test_encodes_to_the_same_tokens_in_an_array(text: str, allow_special: bool) -> None:
    ids = encode_to_array(text, "o200k_base", allow_special)

    assert ids.tolist() == encode(text, "o200k_base", allow_special)


def test_names_the_missing_vocabulary(tmp_path: Path) -> None:
    with pytest.raises(PlaygroundError, match="o200k_base is missing") as error:
        check_vocabulary("o200k_base", tmp_path)

    assert "git checkout" in error.value.hint


def test_reports_a_damaged_vocabulary(tmp_path: Path) -> None:
    for file in VOCABULARIES.iterdir():
        (tmp_path / file.name).write_bytes(b"not a vocabulary")

    with pytest.raises(PlaygroundError, match="damaged"):
        check_vocabulary("cl100k_base", tmp_path)


def test_rejects_an_unknown_encoding() -> None:
    with pytest.raises(PlaygroundError, match="no encoding 'o300k'"):
        encode("hello", "o300k")
