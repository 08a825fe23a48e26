"""Exact token counts, from the vendored vocabularies."""

import codecs
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from core.paths import DATA

if TYPE_CHECKING:
    import tiktoken

# o200k_base's pattern overflows its stack on a run of about a million blanks, and time grows with the length
# of one piece, so longer text is encoded in parts.
_PART = 400_000
_SAFE_CUT = re.compile(r"(?<=[A-Za-z]) (?=[A-Za-z])")


@dataclass(frozen=True, slots=True)
class TokenPiece:
    """The shortest run of tokens that makes whole characters: one, or a few that share a character."""

    text: str
    tokens: tuple[int, ...]


@lru_cache(maxsize=8)
def get_encoding(name: str) -> "tiktoken.Encoding":
    """Load the vocabulary called *name*; the first load takes about half a second."""
    os.environ["TIKTOKEN_CACHE_DIR"] = str(DATA / "tiktoken")
    import tiktoken

    return tiktoken.get_encoding(name)


def encode(text: str, name: str) -> list[int]:
    """Encode *text* with special tokens taken as plain text, which is what the API counts."""
    return [
        token for part in _parts(text) for token in get_encoding(name).encode(part, disallowed_special=())
    ]


def count_tokens(text: str, name: str) -> int:
    return len(encode(text, name))


def decode_pieces(tokens: Sequence[int], name: str) -> list[TokenPiece]:
    """Split *tokens* at character borders; an unfinished character at the end is left out."""
    to_bytes = get_encoding(name).decode_single_token_bytes
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    found: list[TokenPiece] = []
    held: list[int] = []
    for token in tokens:
        held.append(token)
        text = decoder.decode(to_bytes(token))
        if text:
            found.append(TokenPiece(text, tuple(held)))
            held = []
    return found


def _parts(text: str) -> Iterator[str]:
    while len(text) > _PART:
        cut = next((m.start() for m in _SAFE_CUT.finditer(text, _PART - 10_000, _PART)), _PART)
        yield text[:cut]
        text = text[cut:]
    yield text
