"""Tokens of a text, with the tiktoken encodings in `data/tiktoken`."""

import codecs
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.paths import DATA

if TYPE_CHECKING:
    import tiktoken

# Longer texts are encoded in parts: the pattern of o200k_base overflows its stack at about a million spaces
# in a row, and its time grows faster than the length of a single word.
_MAX_ENCODED_CHARACTERS = 400_000
# A space between two letters always begins a token, so a split there changes no token.
_SAFE_SPLIT = re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """The fewest tokens that decode to whole characters: usually one, several if they share a character."""

    text: str
    tokens: tuple[int, ...]


@lru_cache(maxsize=8)
def get_encoding(name: str) -> "tiktoken.Encoding":
    """Return the encoding called *name*. The first call takes about half a second."""
    os.environ["TIKTOKEN_CACHE_DIR"] = str(DATA / "tiktoken")
    import tiktoken

    return tiktoken.get_encoding(name)


def encode(text: str, encoding_name: str) -> list[int]:
    """Encode *text*. Special tokens such as <|endoftext|> are encoded as text, as the API counts them."""
    encoding = get_encoding(encoding_name)
    tokens: list[int] = []
    while len(text) > _MAX_ENCODED_CHARACTERS:
        splits = _SAFE_SPLIT.finditer(text, _MAX_ENCODED_CHARACTERS - 10_000, _MAX_ENCODED_CHARACTERS)
        end = next((match.start() for match in splits), _MAX_ENCODED_CHARACTERS)
        tokens += encoding.encode(text[:end], disallowed_special=())
        text = text[end:]
    return tokens + encoding.encode(text, disallowed_special=())


def count_tokens(text: str, encoding_name: str) -> int:
    return len(encode(text, encoding_name))


def decode_pieces(tokens: Sequence[int], encoding_name: str) -> list[TokenPiece]:
    """Decode *tokens* into pieces of whole characters. An incomplete character at the end is dropped."""
    to_bytes = get_encoding(encoding_name).decode_single_token_bytes
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    pieces: list[TokenPiece] = []
    pending: list[int] = []
    for token in tokens:
        pending.append(token)
        text = decoder.decode(to_bytes(token))
        if text:
            pieces.append(TokenPiece(text, tuple(pending)))
            pending = []
    return pieces
