"""Prepare texts for embedding: deduplicated, within the token limit, in as few requests as possible."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.embeddings.inputs import InputText, InputWarning
from core.tokens.encodings import count_tokens

LongTextPolicy = Literal["truncate", "average", "skip"]

# Tokens of one input. Source: the SDK's `EmbeddingCreateParams`, as for `RequestLimits`.
MAX_INPUT_TOKENS = 8_192

# Few texts have more characters per token: the search for the end of a truncated text starts here.
_MAX_CHARACTERS_PER_TOKEN = 6

_LONG_TEXT_ACTIONS: dict[LongTextPolicy, str] = {
    "truncate": "truncated",
    "average": "split into chunks, their embeddings averaged",
    "skip": "skipped",
}


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """The most inputs of one request, and the most tokens of all its inputs."""

    inputs: int = 2_048
    tokens: int = 300_000


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A text as it is sent, with its number of tokens."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class EmbeddingBatch:
    """The texts to embed and the chunks to send.

    The embedding of `inputs[i]` is the mean of those of the chunks at `chunk_indices[i]`.
    """

    inputs: tuple[InputText, ...]
    chunks: tuple[TextChunk, ...]
    chunk_indices: tuple[tuple[int, ...], ...]
    warnings: tuple[InputWarning, ...]

    @property
    def tokens(self) -> int:
        return sum(chunk.tokens for chunk in self.chunks)


def prepare_batch(
    inputs: Sequence[InputText],
    encoding: str,
    long_text_policy: LongTextPolicy = "truncate",
    max_tokens: int = MAX_INPUT_TOKENS,
) -> EmbeddingBatch:
    """Count, chunk and deduplicate *inputs*, so that the API accepts each of them."""
    accepted: list[InputText] = []
    chunk_indices: list[tuple[int, ...]] = []
    warnings: list[InputWarning] = []
    chunks: dict[str, tuple[int, TextChunk]] = {}  # by text, with the index
    first_lines: dict[str, int] = {}
    for item in inputs:
        first_line = first_lines.setdefault(item.text, item.line)
        if first_line != item.line:
            message = f"Duplicate of line {first_line}, embedded once."
            warnings.append(InputWarning(item.line, "duplicate", message))
        parts = list(_chunk_text(item.text, encoding, long_text_policy, max_tokens))
        if len(parts) != 1 or parts[0].text != item.text:
            message = f"Longer than {max_tokens:,} tokens: {_LONG_TEXT_ACTIONS[long_text_policy]}."
            warnings.append(InputWarning(item.line, "too long", message))
        if parts:
            accepted.append(item)
            chunk_indices.append(
                tuple(chunks.setdefault(part.text, (len(chunks), part))[0] for part in parts)
            )
    return EmbeddingBatch(
        tuple(accepted),
        tuple(chunk for _, chunk in chunks.values()),
        tuple(chunk_indices),
        tuple(warnings),
    )


def split_requests(token_counts: Sequence[int], limits: RequestLimits = RequestLimits()) -> Iterator[range]:
    """Yield the indices of *token_counts* for each request, which are as full as possible."""
    start, total = 0, 0
    for index, tokens in enumerate(token_counts):
        if index > start and (index - start == limits.inputs or total + tokens > limits.tokens):
            yield range(start, index)
            start, total = index, 0
        total += tokens
    if start < len(token_counts):
        yield range(start, len(token_counts))


def _chunk_text(text: str, encoding: str, policy: LongTextPolicy, max_tokens: int) -> Iterator[TextChunk]:
    """Yield *text*, or its replacement by *policy* if it is longer than *max_tokens*."""
    head = _truncate(text, encoding, max_tokens)
    if len(head.text) == len(text) or policy == "truncate":
        yield head
        return
    while policy == "average" and text:
        head = _truncate(text, encoding, max_tokens)
        yield head
        text = text[len(head.text) :].lstrip()


def _truncate(text: str, encoding: str, max_tokens: int) -> TextChunk:
    end = min(len(text), max_tokens * _MAX_CHARACTERS_PER_TOKEN)
    while (tokens := count_tokens(text[:end], encoding)) > max_tokens and end > 1:
        end = max(1, end * max_tokens // tokens)
    if end == len(text):
        return TextChunk(text, tokens)
    # Between words, if there is a space in the last quarter.
    space = text.rfind(" ", end * 3 // 4, end + 1)
    head = text[: space if space > 0 else end]
    return TextChunk(head, count_tokens(head, encoding))
