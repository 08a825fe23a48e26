"""What was typed or uploaded, read as tokens: a text, a chat request, or ids to decode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.tokens.encodings import ENCODINGS, encoding_for_model
from core.tokens.estimate import TokenEstimate, estimate_tokens
from core.tokens.request_parser import parse_request, request_text
from core.tokens.tokenizer import Tokens, count_differences, decode, from_token_ids, parse_token_ids, tokenise

InputKind = Literal["text", "request", "ids", "file"]

_SHARED_PREFIX_PARTS = ("instructions", "tools", "response schema")


@dataclass(frozen=True, slots=True)
class EncodingOptions:
    """How to read: by which encoding, beside which *other*, and whether special tokens are meant as such.

    *model* is what prices and overhead are for; `assumed` when no public source names its encoding.
    """

    model: str = ""
    encoding: str = "o200k_base"
    encoding_assumed: bool = False
    compare_with: str | None = None
    allow_special: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TokenAnalysis:
    """The text with its tokens; `params` and `estimate` are there for a chat request only."""

    kind: InputKind
    options: EncodingOptions
    text: str
    tokens: Tokens
    other_tokens: Tokens | None = None
    params: Mapping[str, Any] | None = None
    estimate: TokenEstimate | None = None

    @property
    def total_tokens(self) -> int:
        """What it would take as input: the whole request, or the tokens alone."""
        return self.estimate.tokens if self.estimate else len(self.tokens)

    @property
    def difference_count(self) -> int:
        return count_differences(self.tokens, self.other_tokens) if self.other_tokens else 0

    @property
    def shared_prefix_tokens(self) -> int | None:
        """Tokens of the request that every call would begin with: instructions, tools, schema."""
        if not self.estimate:
            return None
        return sum(tokens for name, tokens in self.estimate.parts if name in _SHARED_PREFIX_PARTS)

    def to_request(self) -> dict[str, Any]:
        """Return the chat request it is, or would be as the one message of a user; without a model."""
        return dict(self.params or {"messages": [{"role": "user", "content": self.text}]})


def encoding_options(
    model: str, encoding: str, other: str | None = None, special: bool = False
) -> EncodingOptions:
    """Settle what *encoding* means, which may name an encoding or any model; *model* is the one in use."""
    if encoding in ENCODINGS:
        return EncodingOptions(model, encoding, False, other, special)
    found = encoding_for_model(encoding)
    return EncodingOptions(encoding, found.name, found.assumed, other, special)


def analyse(kind: InputKind, text: str, choice: EncodingOptions) -> TokenAnalysis:
    """Read *text* as *kind*. Raises PlaygroundError saying what of it cannot be read, or is too much."""
    if kind == "ids":
        return _decoded(text, choice)
    params = parse_request(text) if kind == "request" else None
    shown = request_text(params) if params else text
    other = tokenise(shown, choice.compare_with, choice.allow_special) if choice.compare_with else None
    tokens = tokenise(shown, choice.encoding, choice.allow_special)
    estimated = estimate_tokens({**params, "model": choice.model}) if params else None
    return TokenAnalysis(kind, choice, shown, tokens, other, params, estimated)


def count_for_model(reading: TokenAnalysis, model: str) -> int:
    """Count the reading as input to *model*, whose encoding and overhead may be others."""
    if reading.params:
        return estimate_tokens({**reading.params, "model": model}).tokens
    return len(tokens_by_encoding(reading, encoding_for_model(model).name))


def tokens_by_encoding(reading: TokenAnalysis, encoding: str) -> Tokens:
    """Return the tokens of the text by *encoding*, without encoding anew where that is done already."""
    for tokens in filter(None, (reading.tokens, reading.other_tokens)):
        if tokens.encoding == encoding and (reading.kind != "ids" or tokens is reading.other_tokens):
            return tokens
    return tokenise(reading.text, encoding, reading.options.allow_special)


def _decoded(text: str, choice: EncodingOptions) -> TokenAnalysis:
    tokens = from_token_ids(parse_token_ids(text), choice.encoding)
    decoded = decode(tokens)
    other = tokenise(decoded, choice.compare_with) if choice.compare_with else None
    return TokenAnalysis("ids", choice, decoded, tokens, other)
