"""A text as tokens: the bytes of each, how two encodings differ, and statistics."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from core.errors.types import PlaygroundError
from core.tokens.encodings import encode_to_array, special_tokens, vocabulary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Int64Array = NDArray[np.int64]

MAX_TEXT_BYTES = 10 * 1024 * 1024
_MAX_IDS = 1_000_000
_MAX_SPAN_TOKENS = 16
_NUMBER = re.compile(r"[+-]?\d+")
_SEPARATORS = re.compile(r"[\s,;\[\]()]*")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The token IDs of a text; `end_offsets` are the byte offsets in its UTF-8 at which each token ends.

    `allow_special` when the text of a special token was encoded as that token.
    """

    encoding: str
    ids: "Int64Array"
    end_offsets: "Int64Array"
    allow_special: bool = False

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def byte_count(self) -> int:
        return int(self.end_offsets[-1]) if len(self) else 0

    def to_bytes(self, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes of the tokens from *start* to *stop*, which may split a character."""
        token_bytes = vocabulary(self.encoding)
        return b"".join(token_bytes[token] for token in self.ids[start:stop].tolist())


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Complete characters and their tokens: one token, or several that share a character.

    `text` is None for bytes that are not UTF-8. `differs` when another encoding splits these bytes
    differently.
    """

    text: str | None
    ids: tuple[int, ...]
    token_bytes: tuple[bytes, ...]
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of a text. `most_frequent` and `longest` hold tokens as (id, bytes, occurrences)."""

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
    """Encode *text*. Raises PlaygroundError if it exceeds `MAX_TEXT_BYTES`, or as `encode` does."""
    if len(text) > MAX_TEXT_BYTES or len(text.encode(errors="surrogatepass")) > MAX_TEXT_BYTES:
        raise PlaygroundError(
            f"The text is larger than {MAX_TEXT_BYTES // 1024**2} MB.",
            "Use a part of it, or split it into several files.",
        )
    return _tokens_from_ids(encode_to_array(text, encoding, allow_special), encoding, allow_special)


def from_token_ids(ids: Sequence[int], encoding: str) -> Tokens:
    """Return *ids* as tokens. Raises PlaygroundError naming the first that the encoding does not have."""
    import numpy as np

    token_bytes = vocabulary(encoding)
    for token in ids:
        if not (0 <= token < len(token_bytes) and token_bytes[token]):
            raise PlaygroundError(
                f"{encoding} has no token {str(token)[:20]}.",
                f"IDs range from 0 to {len(token_bytes) - 1:,}; some in between are not used.",
            )
    return _tokens_from_ids(np.array(ids, dtype=np.int64), encoding)


def parse_token_ids(text: str) -> list[int]:
    """Parse token IDs separated by spaces, commas or lines, with or without brackets.

    Raises PlaygroundError naming the first word that is not a number.
    """
    ids: list[int] = []
    position = _skip_separators(text, 0)
    while position < len(text):
        if len(ids) == _MAX_IDS:
            raise PlaygroundError(f"There are more than {_MAX_IDS:,} token IDs.", "Decode them in parts.")
        number = _NUMBER.match(text, position)
        if number is None:
            word = text[position : position + 20].split()[0]
            raise PlaygroundError(
                f"{word!r} is not a token ID.",
                "Token IDs are whole numbers separated by commas or spaces.",
            )
        ids.append(int(number[0][:20]))  # int() rejects very long numbers; no token has so many digits
        position = _skip_separators(text, number.end())
    return ids


def page(tokens: Tokens, start: int, length: int, other: Tokens | None = None) -> tuple[int, list[TokenSpan]]:
    """Return the spans of about *length* tokens at *start*, after the index of the first token.

    The page is moved and extended so that it splits no character. A span is marked when *other* splits its
    bytes differently.
    """
    start = character_boundary(tokens, min(max(start, 0), len(tokens)))
    stop = character_boundary(tokens, min(start + max(length, 1), len(tokens)), step=1)
    token_bytes = vocabulary(tokens.encoding)
    ids = tokens.ids[start:stop].tolist()
    differences = _differences(tokens, other, start, stop) if other else [False] * len(ids)
    spans: list[TokenSpan] = []
    group: list[int] = []
    group_differs = False
    for index, (token, differs) in enumerate(zip(ids, differences, strict=True), start=1):
        group.append(token)
        group_differs |= differs
        parts = tuple(token_bytes[part] for part in group)
        text, is_incomplete = _try_decode(b"".join(parts))
        # Arbitrary IDs may never complete a character, so the length of a span is limited.
        if not is_incomplete or len(group) == _MAX_SPAN_TOKENS or index == len(ids):
            spans.append(TokenSpan(text, tuple(group), parts, group_differs))
            group, group_differs = [], False
    return start, spans


def token_range_for_bytes(tokens: Tokens, first: int, last: int) -> tuple[int, int]:
    """Return the tokens that cover the bytes from *first* to *last*, as start and length."""
    import numpy as np

    start = int(np.searchsorted(tokens.end_offsets, first, side="right"))
    stop = min(int(np.searchsorted(tokens.end_offsets, last, side="left")) + 1, len(tokens))
    return start, max(stop - start, 0)


def count_differences(tokens: Tokens, other: Tokens) -> int:
    """Count the tokens of *tokens* whose bytes *other* splits differently."""
    return sum(_differences(tokens, other, 0, len(tokens)))


def statistics(text: str, tokens: Tokens, top: int = 10) -> Statistics:
    """Count characters (code points), words (separated by white space) and lines, and rank the tokens."""
    import numpy as np

    counts = np.bincount(tokens.ids) if len(tokens) else np.zeros(0, dtype=np.int64)
    distinct = np.flatnonzero(counts).tolist()
    token_bytes = vocabulary(tokens.encoding)
    most_frequent = sorted(distinct, key=lambda token: (-int(counts[token]), token))[:top]
    longest = sorted(distinct, key=lambda token: (-len(token_bytes[token]), token))[:top]
    return Statistics(
        tokens=len(tokens),
        characters=len(text),
        words=len(text.split()),
        lines=text.count("\n") + 1 if text else 0,
        byte_count=tokens.byte_count,
        lone_surrogates=len(_LONE_SURROGATE.findall(text)),
        special_tokens=tuple(sorted(token for token in special_tokens(tokens.encoding) if token in text)),
        most_frequent=tuple((token, token_bytes[token], int(counts[token])) for token in most_frequent),
        longest=tuple((token, token_bytes[token], int(counts[token])) for token in longest),
    )


def decode(tokens: Tokens) -> str:
    """Return the text of *tokens*; bytes that are not UTF-8 are escaped as \\xec."""
    return tokens.to_bytes().decode(errors="backslashreplace")


def character_boundary(tokens: Tokens, index: int, step: int = -1) -> int:
    """Move *index* by *step* to a token that starts a character, or to an end of *tokens*."""
    token_bytes = vocabulary(tokens.encoding)
    # In a text a character takes a few tokens; arbitrary IDs may have no boundary at all.
    for _ in range(_MAX_SPAN_TOKENS):
        if not 0 < index < len(tokens) or token_bytes[int(tokens.ids[index])][0] & 0xC0 != 0x80:
            break
        index += step
    return index


def _tokens_from_ids(ids: "Int64Array", encoding: str, allow_special: bool = False) -> Tokens:
    import numpy as np

    return Tokens(encoding, ids, np.cumsum(_token_lengths(encoding)[ids]), allow_special)


@cache
def _token_lengths(encoding: str) -> "Int64Array":
    import numpy as np

    return np.array([len(token) for token in vocabulary(encoding)], dtype=np.int64)


def _differences(tokens: Tokens, other: Tokens, start: int, stop: int) -> list[bool]:
    """Compare byte ranges: a token is the same when *other* has a token with the same start and end."""
    import numpy as np

    ends = tokens.end_offsets[start:stop]
    if not len(other):
        return [True] * len(ends)
    starts = ends - _token_lengths(tokens.encoding)[tokens.ids[start:stop]]
    nearest = np.minimum(np.searchsorted(other.end_offsets, ends), len(other) - 1)
    other_ends = other.end_offsets[nearest]
    other_starts = other_ends - _token_lengths(other.encoding)[other.ids[nearest]]
    differs: list[bool] = ((other_ends != ends) | (other_starts != starts)).tolist()
    return differs


def _try_decode(data: bytes) -> tuple[str | None, bool]:
    """Return *data* as text, None if it is not UTF-8, and whether more bytes could complete it."""
    try:
        return data.decode(), False
    except UnicodeDecodeError as error:
        return None, error.end == len(data) and error.reason == "unexpected end of data"


def _skip_separators(text: str, position: int) -> int:
    separators = _SEPARATORS.match(text, position)
    return separators.end() if separators else position
