"""Truncate a text to a number of tokens, or split it into chunks, without splitting a character.

The tokens must be those of a text: token IDs that the user entered are decoded and encoded again first.
"""

from dataclasses import dataclass
from typing import Literal

from core.errors.types import PlaygroundError
from core.tokens.encodings import count_tokens
from core.tokens.tokenizer import Tokens, character_boundary

KeepSide = Literal["start", "end", "both ends"]

ELLIPSIS = " … "
_MIN_CHUNK_TOKENS = 16  # every character fits, and no chunk consists of its overlap alone


@dataclass(frozen=True, slots=True)
class Truncation:
    """The rest of a text, the tokens it takes when encoded again, and the number of removed tokens."""

    text: str
    tokens: int
    removed: int


@dataclass(frozen=True, slots=True)
class TokenChunk:
    """A part of a text; its first `overlap_bytes` repeat the end of the previous chunk."""

    index: int
    text: str
    tokens: int
    start_byte: int
    stop_byte: int
    overlap_bytes: int


def truncate(tokens: Tokens, limit: int, keep: KeepSide = "start") -> Truncation:
    """Keep at most *limit* tokens from the start, the end, or both ends with `ELLIPSIS` between them."""
    size = len(tokens)
    remaining = min(max(limit, 0), size)
    if remaining == size:
        return Truncation(_text(tokens, 0, size), size, 0)
    while remaining > 0:
        head = {"start": remaining, "end": 0, "both ends": (remaining + 1) // 2}[keep]
        tail = remaining - head
        start, stop = character_boundary(tokens, head), character_boundary(tokens, size - tail, step=1)
        ellipsis = ELLIPSIS if keep == "both ends" else ""
        text = _text(tokens, 0, start) + ellipsis + _text(tokens, stop, size)
        # The truncated text may encode to other, and more, tokens than it had as a part of the whole.
        encoded = count_tokens(text, tokens.encoding, tokens.allow_special)
        if encoded <= limit:
            return Truncation(text, encoded, stop - start)
        remaining -= max(encoded - limit, 1)
    return Truncation("", 0, size)


def split_into_chunks(tokens: Tokens, size: int, overlap: int = 0) -> list[TokenChunk]:
    """Split into chunks of at most *size* tokens, each repeating about *overlap* tokens of the previous one.

    Without the overlaps the chunks join to the text. Raises PlaygroundError for an invalid size or overlap.
    """
    if size < _MIN_CHUNK_TOKENS:
        raise PlaygroundError(f"A chunk needs at least {_MIN_CHUNK_TOKENS} tokens.", "Use larger chunks.")
    if not 0 <= overlap <= size // 2:
        raise PlaygroundError(
            "Chunks can overlap by at most half of their tokens.", f"Use an overlap of up to {size // 2}."
        )
    chunks: list[TokenChunk] = []
    start = covered = 0
    while covered < len(tokens):
        stop, text, count = _longest_chunk(tokens, start, size)
        # An overlap may encode to so many tokens that the chunk adds nothing: then start without it.
        if stop <= covered and start < covered:
            start = covered
            continue
        first, last = _byte_offset(tokens, start), _byte_offset(tokens, stop)
        overlap_bytes = _byte_offset(tokens, covered) - first
        chunks.append(TokenChunk(len(chunks), text, count, first, last, overlap_bytes))
        covered = stop
        start = min(character_boundary(tokens, max(stop - overlap, start + 1), step=1), stop)
    return chunks


def _longest_chunk(tokens: Tokens, start: int, size: int) -> tuple[int, str, int]:
    """Return the end, the text and the token count of the longest chunk of at most *size* from *start*."""
    # A chunk holds one character even if that encodes to more than *size*, so that the loop above ends.
    least = character_boundary(tokens, start + 1, step=1)
    stop = min(start + size, len(tokens))
    while True:
        stop = max(character_boundary(tokens, stop), least)
        text = _text(tokens, start, stop)
        count = count_tokens(text, tokens.encoding, tokens.allow_special)
        if count <= size or stop == least:
            return stop, text, count
        stop -= count - size


def _byte_offset(tokens: Tokens, index: int) -> int:
    return int(tokens.end_offsets[index - 1]) if index else 0


def _text(tokens: Tokens, start: int, stop: int) -> str:
    return tokens.to_bytes(start, stop).decode()
