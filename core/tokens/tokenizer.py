"""A text as tokens: which bytes each stands for, how two encodings cut it, and what stands out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.errors.types import PlaygroundError
from core.tokens.encodings import encode, special_tokens, vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.int64]

MAX_TEXT_BYTES = 10 * 1024 * 1024
_MAX_IDS = 1_000_000
_NUMBER = re.compile(r"[+-]?\d+")
_SEPARATORS = re.compile(r"[\s,;\[\]()]*")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The ids of a text in an encoding; `ends` are where in the UTF-8 of the text each token ends.

    `special` when what looks like a special token in the text was read as one.
    """

    encoding: str
    ids: "Places"
    end_offsets: "Places"
    allow_special: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def byte_count(self) -> int:
        """Bytes of the text."""
        return int(self.end_offsets[-1]) if len(self) else 0

    def to_bytes(self, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes of the tokens from *start* to *stop*, which may part a character."""
        known = vocabulary(self.encoding)
        return b"".join(known[token] for token in self.ids[start:stop].tolist())


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Whole characters, and the tokens that make them: one, or several that share a character.

    `text` is None for bytes that are no characters. `differs` when another encoding cuts them otherwise.
    """

    text: str | None
    ids: tuple[int, ...]
    token_bytes: tuple[bytes, ...]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a text. `frequent` and `longest` are tokens as (id, bytes, how often)."""

    tokens: int
    characters: int
    words: int
    lines: int
    byte_count: int
    lone_surrogates: int
    special_tokens: tuple[str, ...]
    most_frequent: tuple[tuple[int, bytes, int], ...]
    longest: tuple[tuple[int, bytes, int], ...]

    @property
    def bytes_per_token(self) -> float:
        return self.byte_count / self.tokens if self.tokens else 0.0


def tokenise(text: str, encoding: str, allow_special: bool = False) -> Tokens:
    """Encode *text*. Raises PlaygroundError for more than `MOST_BYTES`, or without the vocabulary."""
    if len(text) > MAX_TEXT_BYTES or len(text.encode(errors="surrogatepass")) > MAX_TEXT_BYTES:
        raise PlaygroundError(
            f"The text is larger than {MAX_TEXT_BYTES // 1024**2} MB.", "Take a part of it, or several files."
        )
    return _of(encode(text, encoding, allow_special), encoding, allow_special)


def from_token_ids(ids: Sequence[int], encoding: str) -> Tokens:
    """Take *ids* as they are. Raises PlaygroundError naming the first that the encoding does not have."""
    known = vocabulary(encoding)
    for token in ids:
        if not (0 <= token < len(known) and known[token]):
            raise PlaygroundError(
                f"{encoding} has no token {str(token)[:20]}.",
                f"Ids go from 0 to {len(known) - 1:,}, with some in between that are not in use.",
            )
    return _of(ids, encoding)


def parse_token_ids(text: str) -> list[int]:
    """Read ids parted by spaces, commas or lines, with or without brackets.

    Raises PlaygroundError naming what is no number.
    """
    ids: list[int] = []
    at = _skip(text, 0)
    while at < len(text):
        number = _NUMBER.match(text, at)
        if number is None or len(ids) == _MAX_IDS:
            raise _not_ids(text[at : at + 20], len(ids))
        ids.append(int(number[0][:20]))
        at = _skip(text, number.end())
    return ids


def page(tokens: Tokens, start: int, length: int, other: Tokens | None = None) -> tuple[int, list[TokenSpan]]:
    """Return the pieces of about *length* tokens at *start*, and the token they begin with.

    The window is moved and widened so that it parts no character. Pieces that *other* cuts otherwise say so.
    """
    start = _character_start(tokens, min(max(start, 0), len(tokens)))
    stop = _character_start(tokens, min(start + max(length, 1), len(tokens)), step=1)
    marks = _differences(tokens, other, start, stop) if other else [False] * (stop - start)
    return start, list(_spans(tokens, start, stop, marks))


def token_range_for_bytes(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    """Find the tokens that hold the bytes from *first* up to *last*, as start and length."""
    import numpy as np

    start = int(np.searchsorted(tokens.end_offsets, first, side="right"))
    stop = min(int(np.searchsorted(tokens.end_offsets, last, side="left")) + 1, len(tokens))
    return start, max(stop - start, 0)


def count_differences(tokens: Tokens, other: Tokens) -> int:
    """Count the tokens of *tokens* that *other* cuts otherwise."""
    return sum(_differences(tokens, other, 0, len(tokens)))


def statistics(text: str, tokens: Tokens, top: int = 10) -> Statistics:
    """Count characters (code points), words (between white space), lines, and rank the tokens."""
    import numpy as np

    counts = np.bincount(tokens.ids) if len(tokens) else np.zeros(0, dtype=np.int64)
    used = np.flatnonzero(counts)
    known = vocabulary(tokens.encoding)
    often = sorted(used.tolist(), key=lambda token: (-int(counts[token]), token))[:top]
    long = sorted(used.tolist(), key=lambda token: (-len(known[token]), token))[:top]
    return Statistics(
        tokens=len(tokens),
        characters=len(text),
        words=len(text.split()),
        lines=text.count("\n") + 1 if text else 0,
        byte_count=tokens.byte_count,
        lone_surrogates=len(_LONE_SURROGATE.findall(text)),
        special_tokens=tuple(sorted(token for token in special_tokens(tokens.encoding) if token in text)),
        most_frequent=tuple((token, known[token], int(counts[token])) for token in often),
        longest=tuple((token, known[token], int(counts[token])) for token in long),
    )


def decode(tokens: Tokens) -> str:
    """Return the text of all pieces; bytes that are no characters are written as \\xec."""
    return tokens.to_bytes().decode(errors="backslashreplace")


def _of(ids: Sequence[int], encoding: str, special: bool = False) -> Tokens:
    import numpy as np

    places = np.array(ids, dtype=np.int64)
    return Tokens(encoding, places, np.cumsum(_token_lengths(encoding)[places]), special)


@cache
def _token_lengths(encoding: str) -> "Places":
    import numpy as np

    return np.array([len(token) for token in vocabulary(encoding)], dtype=np.int64)


def _differences(tokens: Tokens, other: Tokens, start: int, stop: int) -> list[bool]:
    """Compare spans of bytes: a token is the same when *other* has one with both its ends."""
    import numpy as np

    ends = tokens.end_offsets[start:stop]
    begins = ends - _token_lengths(tokens.encoding)[tokens.ids[start:stop]]
    ours = np.searchsorted(other.end_offsets, ends)
    found = np.minimum(ours, max(len(other) - 1, 0))
    if not len(other):
        return [True] * len(ends)
    other_begins = other.end_offsets[found] - _token_lengths(other.encoding)[other.ids[found]]
    same = (other.end_offsets[found] == ends) & (other_begins == begins)
    result: list[bool] = (~same).tolist()
    return result


def _character_start(tokens: Tokens, at: int, step: int = -1) -> int:
    """Move *at* by *step* to a token that begins a character; never far, whatever the bytes."""
    known = vocabulary(tokens.encoding)
    for _ in range(16):
        if not 0 < at < len(tokens) or known[int(tokens.ids[at])][0] & 0xC0 != 0x80:
            break
        at += step
    return at


def _spans(tokens: Tokens, start: int, stop: int, marks: Sequence[bool]) -> Iterator[TokenSpan]:
    known = vocabulary(tokens.encoding)
    group: list[int] = []
    differs = False
    for token, mark in zip(tokens.ids[start:stop].tolist(), marks, strict=True):
        group.append(token)
        differs |= mark
        data = b"".join(known[part] for part in group)
        if not _unfinished(data) or len(group) == 16:
            yield _piece(group, known, differs)
            group, differs = [], False
    if group:
        yield _piece(group, known, differs)


def _piece(group: Sequence[int], known: Sequence[bytes], differs: bool) -> TokenSpan:
    parts = tuple(known[token] for token in group)
    try:
        text: str | None = b"".join(parts).decode()
    except UnicodeDecodeError:
        text = None
    return TokenSpan(text, tuple(group), parts, differs)


def _unfinished(data: bytes) -> bool:
    """Whether *data* ends inside a character that more bytes could finish."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.end == len(data) and error.reason == "unexpected end of data"
    return False


def _skip(text: str, at: int) -> int:
    between = _SEPARATORS.match(text, at)
    return between.end() if between else at


def _not_ids(rest: str, read: int) -> PlaygroundError:
    if read == _MAX_IDS:
        return PlaygroundError(f"These are more than {_MAX_IDS:,} ids.", "Decode them in parts.")
    word = rest.split()[0] if rest.split() else rest
    return PlaygroundError(
        f"{word!r} is not a token id.", "Ids are whole numbers, parted by commas or spaces."
    )
