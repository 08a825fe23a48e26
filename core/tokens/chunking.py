"""Cut a text to a number of tokens, or into chunks of so many, and never inside a character.

The tokens are those of a text: ids that a person put together are decoded and encoded again first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.errors.types import PlaygroundError
from core.tokens.encodings import count, vocabulary
from core.tokens.tokenizer import Tokens

Keep = Literal["start", "end", "both ends"]

GAP = " … "
_LEAST_CHUNK = 16  # so that every character fits, and a chunk is never its overlap alone


@dataclass(frozen=True, slots=True)
class Cut:
    """What is left of a text, the tokens that takes when encoded again, and how many tokens were cut off."""

    text: str
    tokens: int
    removed: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a text, from byte `start` to byte `stop`; its first `overlap` bytes are also in the last."""

    index: int
    text: str
    tokens: int
    start: int
    stop: int
    overlap: int


def trim(tokens: Tokens, limit: int, keep: Keep = "start") -> Cut:
    """Keep at most *limit* tokens from the start, the end, or both ends with `GAP` between them.

    A text cut anew may encode to more tokens than were kept, so it is counted, and cut again until it fits.
    """
    size, kept = len(tokens), min(max(limit, 0), len(tokens))
    if kept == size:
        return Cut(_text(tokens, 0, size), size, 0)
    while kept > 0:
        text = _kept(tokens, kept, keep)
        taken = count(text, tokens.encoding, tokens.special)
        if taken <= limit:
            return Cut(text, taken, size - kept)
        kept -= max(taken - limit, 1)
    return Cut("", 0, size)


def split(tokens: Tokens, size: int, overlap: int = 0) -> Iterator[Chunk]:
    """Cut into chunks of at most *size* tokens, each repeating about *overlap* tokens of the one before.

    Without the overlaps the chunks join to the text. Raises PlaygroundError for sizes that cannot work.
    """
    if size < _LEAST_CHUNK:
        raise PlaygroundError(f"A chunk needs at least {_LEAST_CHUNK} tokens.", "Ask for larger chunks.")
    if not 0 <= overlap <= size // 2:
        raise PlaygroundError(
            "Chunks may share at most half of their tokens.", f"Take an overlap of up to {size // 2}."
        )
    return _chunks(tokens, size, overlap)


def _chunks(tokens: Tokens, size: int, overlap: int) -> Iterator[Chunk]:
    start, index, covered = 0, 0, 0
    while covered < len(tokens):
        stop, text, taken = _longest(tokens, start, size)
        if stop <= covered and start < covered:
            start = covered
            continue
        first, last = _byte(tokens, start), _byte(tokens, stop)
        yield Chunk(index, text, taken, first, last, _byte(tokens, covered) - first)
        index, covered = index + 1, stop
        start = min(_boundary(tokens, max(stop - overlap, start + 1), step=1), stop)


def _longest(tokens: Tokens, start: int, size: int) -> tuple[int, str, int]:
    """Find the most tokens from *start* whose text encodes to at most *size*: their end, text and number.

    One character is taken whatever it encodes to, so that cutting comes to an end.
    """
    least = _boundary(tokens, start + 1, step=1)
    stop = min(start + size, len(tokens))
    while True:
        stop = max(_boundary(tokens, stop), least)
        text = _text(tokens, start, stop)
        taken = count(text, tokens.encoding, tokens.special)
        if taken <= size or stop == least:
            return stop, text, taken
        stop -= taken - size


def _kept(tokens: Tokens, kept: int, keep: Keep) -> str:
    if keep == "start":
        return _text(tokens, 0, _boundary(tokens, kept))
    if keep == "end":
        return _text(tokens, _boundary(tokens, len(tokens) - kept, step=1), len(tokens))
    head = _text(tokens, 0, _boundary(tokens, (kept + 1) // 2))
    return head + GAP + _text(tokens, _boundary(tokens, len(tokens) - kept // 2, step=1), len(tokens))


def _boundary(tokens: Tokens, at: int, step: int = -1) -> int:
    """Move *at* by *step* to a token that begins a character, or to the end of the text."""
    known = vocabulary(tokens.encoding)
    while 0 < at < len(tokens) and known[int(tokens.ids[at])][0] & 0xC0 == 0x80:
        at += step
    return max(at, 0)


def _byte(tokens: Tokens, at: int) -> int:
    return int(tokens.ends[at - 1]) if at else 0


def _text(tokens: Tokens, start: int, stop: int) -> str:
    return tokens.data(start, stop).decode()
