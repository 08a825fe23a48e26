"""Cut a text to a number of tokens, or into chunks of so many, and never inside a character.

The tokens are those of a text: ids that a person put together are decoded and encoded again first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors.types import PlaygroundError
from core.tokens.encodings import count_tokens, vocabulary
from core.tokens.tokenizer import Tokens

KeepSide = Literal["start", "end", "both ends"]

ELLIPSIS = " … "
_MIN_CHUNK_TOKENS = 16  # so that every character fits, and a chunk is never its overlap alone


@dataclass(frozen=True, slots=True)
class Truncation:
    """What is left of a text, the tokens that takes when encoded again, and how many tokens were cut off."""

    text: str
    tokens: int
    removed: int


@dataclass(frozen=True, slots=True)
class TokenChunk:
    """A part of a text, from byte `start` to byte `stop`; its first `overlap` bytes are also in the last."""

    index: int
    text: str
    tokens: int
    start_byte: int
    stop_byte: int
    overlap_bytes: int


def truncate(tokens: Tokens, limit: int, keep: KeepSide = "start") -> Truncation:
    """Keep at most *limit* tokens from the start, the end, or both ends with `GAP` between them.

    A text cut anew may encode to more tokens than were kept, so it is counted, and cut again until it fits.
    """
    size, kept = len(tokens), min(max(limit, 0), len(tokens))
    if kept == size:
        return Truncation(_text(tokens, 0, size), size, 0)
    while kept > 0:
        text = _truncated_text(tokens, kept, keep)
        taken = count_tokens(text, tokens.encoding, tokens.allow_special)
        if taken <= limit:
            return Truncation(text, taken, size - kept)
        kept -= max(taken - limit, 1)
    return Truncation("", 0, size)


def split_into_chunks(tokens: Tokens, size: int, overlap: int = 0) -> Iterator[TokenChunk]:
    """Cut into chunks of at most *size* tokens, each repeating about *overlap* tokens of the one before.

    Without the overlaps the chunks join to the text. Raises PlaygroundError for sizes that cannot work.
    """
    if size < _MIN_CHUNK_TOKENS:
        raise PlaygroundError(f"A chunk needs at least {_MIN_CHUNK_TOKENS} tokens.", "Ask for larger chunks.")
    if not 0 <= overlap <= size // 2:
        raise PlaygroundError(
            "Chunks may share at most half of their tokens.", f"Take an overlap of up to {size // 2}."
        )
    return _chunks(tokens, size, overlap)


def _chunks(tokens: Tokens, size: int, overlap: int) -> Iterator[TokenChunk]:
    start, index, covered = 0, 0, 0
    while covered < len(tokens):
        stop, text, taken = _longest_chunk(tokens, start, size)
        if stop <= covered and start < covered:
            start = covered
            continue
        first, last = _byte_offset(tokens, start), _byte_offset(tokens, stop)
        yield TokenChunk(index, text, taken, first, last, _byte_offset(tokens, covered) - first)
        index, covered = index + 1, stop
        start = min(_character_boundary(tokens, max(stop - overlap, start + 1), step=1), stop)


def _longest_chunk(tokens: Tokens, start: int, size: int) -> tuple[int, str, int]:
    """Find the most tokens from *start* whose text encodes to at most *size*: their end, text and number.

    One character is taken whatever it encodes to, so that cutting comes to an end.
    """
    least = _character_boundary(tokens, start + 1, step=1)
    stop = min(start + size, len(tokens))
    while True:
        stop = max(_character_boundary(tokens, stop), least)
        text = _text(tokens, start, stop)
        taken = count_tokens(text, tokens.encoding, tokens.allow_special)
        if taken <= size or stop == least:
            return stop, text, taken
        stop -= taken - size


def _truncated_text(tokens: Tokens, kept: int, keep: KeepSide) -> str:
    if keep == "start":
        return _text(tokens, 0, _character_boundary(tokens, kept))
    if keep == "end":
        return _text(tokens, _character_boundary(tokens, len(tokens) - kept, step=1), len(tokens))
    head = _text(tokens, 0, _character_boundary(tokens, (kept + 1) // 2))
    return (
        head
        + ELLIPSIS
        + _text(tokens, _character_boundary(tokens, len(tokens) - kept // 2, step=1), len(tokens))
    )


def _character_boundary(tokens: Tokens, at: int, step: int = -1) -> int:
    """Move *at* by *step* to a token that begins a character, or to the end of the text."""
    known = vocabulary(tokens.encoding)
    while 0 < at < len(tokens) and known[int(tokens.ids[at])][0] & 0xC0 == 0x80:
        at += step
    return max(at, 0)


def _byte_offset(tokens: Tokens, at: int) -> int:
    return int(tokens.end_offsets[at - 1]) if at else 0


def _text(tokens: Tokens, start: int, stop: int) -> str:
    return tokens.to_bytes(start, stop).decode()
