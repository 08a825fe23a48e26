"""What is to be embedded: every text once, short enough, in as few requests as the limits allow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.embeddings.inputs import InputText, InputWarning
from core.tokens.encodings import count_tokens

LongTextPolicy = Literal["truncate", "average", "leave out"]

# Tokens that one input may have. Source: the SDK's `EmbeddingCreateParams`, as for `Limits`.
MAX_INPUT_TOKENS = 8_192

# More characters than these a token are rare; to look no further keeps the search for a cut short.
_CHARACTERS_A_TOKEN = 6


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What one request takes: so many inputs, and tokens in all."""

    inputs: int = 2_048
    tokens: int = 300_000


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A text as it is sent, with its tokens."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class EmbeddingBatch:
    """The *items* that get a vector; `parts` says for each of which `pieces` it is the mean."""

    inputs: tuple[InputText, ...]
    chunks: tuple[TextChunk, ...]
    chunk_indices: tuple[tuple[int, ...], ...]
    warnings: tuple[InputWarning, ...]

    @property
    def tokens(self) -> int:
        return sum(piece.tokens for piece in self.chunks)


def prepare_batch(
    items: Sequence[InputText],
    encoding: str,
    long_text_policy: LongTextPolicy = "truncate",
    max_tokens: int = MAX_INPUT_TOKENS,
) -> EmbeddingBatch:
    """Count, cut and deduplicate *items*, so that no request is refused for its texts."""
    kept: list[InputText] = []
    parts: list[tuple[int, ...]] = []
    remarks: list[InputWarning] = []
    pieces: dict[str, tuple[int, TextChunk]] = {}
    lines: dict[str, int] = {}
    for item in items:
        first = lines.setdefault(item.text, item.line)
        if first != item.line:
            remarks.append(
                InputWarning(item.line, "duplicate", f"The same text as line {first}: embedded once.")
            )
        cut = list(_cut(item.text, encoding, long_text_policy, max_tokens))
        if len(cut) != 1 or cut[0].text != item.text:
            remarks.append(InputWarning(item.line, "too long", _said(long_text_policy, max_tokens)))
        if cut:
            kept.append(item)
            parts.append(tuple(pieces.setdefault(one.text, (len(pieces), one))[0] for one in cut))
    return EmbeddingBatch(
        tuple(kept), tuple(piece for _, piece in pieces.values()), tuple(parts), tuple(remarks)
    )


def split_requests(tokens: Sequence[int], limits: RequestLimits = RequestLimits()) -> Iterator[range]:
    """Divide the places of *tokens* into runs that each fit into one request, the first as full as can be."""
    start, total = 0, 0
    for place, size in enumerate(tokens):
        if place > start and (place - start == limits.inputs or total + size > limits.tokens):
            yield range(start, place)
            start, total = place, 0
        total += size
    if start < len(tokens):
        yield range(start, len(tokens))


def _cut(text: str, encoding: str, too_long: LongTextPolicy, longest: int) -> Iterator[TextChunk]:
    """Yield *text*, or what goes in its place if it is longer than *longest* tokens."""
    head = _head(text, encoding, longest)
    if len(head.text) == len(text) or too_long == "truncate":
        yield head
        return
    while too_long == "average" and text:
        head = _head(text, encoding, longest)
        yield head
        text = text[len(head.text) :].lstrip()


def _head(text: str, encoding: str, longest: int) -> TextChunk:
    """Cut off what makes *text* longer than *longest* tokens, between words if there are any near the end."""
    end = min(len(text), longest * _CHARACTERS_A_TOKEN)
    while (taken := count_tokens(text[:end], encoding)) > longest and end > 1:
        end = max(1, end * longest // taken)
    if end == len(text):
        return TextChunk(text, taken)
    blank = text.rfind(" ", end * 3 // 4, end + 1)
    head = text[: blank if blank > 0 else end]
    return TextChunk(head, count_tokens(head, encoding))


def _said(too_long: LongTextPolicy, longest: int) -> str:
    done = {
        "truncate": "cut to its beginning",
        "average": "embedded in parts, of which the mean is taken",
        "leave out": "left out",
    }
    return f"Longer than {longest:,} tokens: {done[too_long]}."
