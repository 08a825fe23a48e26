"""Analyse an input as tokens: a text, a request, a file, or token IDs to decode."""

from dataclasses import dataclass, replace
from typing import Literal

from core.token_analysis.request_parser import ParsedRequest, parse_request, request_text
from core.tokens.encodings import ENCODINGS, encoding_for_model
from core.tokens.estimate import TokenEstimate, estimate_tokens
from core.tokens.tokenizer import Tokens, count_differences, decode, from_token_ids, parse_token_ids, tokenise

InputKind = Literal["text", "request", "ids", "file"]

_SHARED_PREFIX_PARTS = ("instructions", "tools", "response schema")


@dataclass(frozen=True, slots=True)
class EncodingOptions:
    """How to encode an input, and the *model* for its price and overhead.

    `encoding_assumed` when no public source names the encoding of the model. `compare_with` names a second
    encoding.
    """

    model: str = ""
    encoding: str = "o200k_base"
    encoding_assumed: bool = False
    compare_with: str | None = None
    allow_special: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TokenAnalysis:
    """A text and its tokens; only a request has `request` and `estimate`."""

    kind: InputKind
    options: EncodingOptions
    text: str
    tokens: Tokens
    other_tokens: Tokens | None = None
    request: ParsedRequest | None = None
    estimate: TokenEstimate | None = None

    @property
    def total_tokens(self) -> int:
        """The input tokens: of the whole request with its overhead, or of the text alone."""
        return self.estimate.tokens if self.estimate else len(self.tokens)

    @property
    def difference_count(self) -> int:
        return count_differences(self.tokens, self.other_tokens) if self.other_tokens else 0

    @property
    def shared_prefix_tokens(self) -> int | None:
        """The tokens of instructions, tools and schema, which all requests share; None if unknown."""
        if not self.estimate:
            return None
        return sum(tokens for name, tokens in self.estimate.parts if name in _SHARED_PREFIX_PARTS)

    def to_request(self) -> ParsedRequest:
        """Return the request, or the text as one user message; without a model."""
        return self.request or ParsedRequest({"messages": [{"role": "user", "content": self.text}]})


def encoding_options(
    model: str, model_or_encoding: str, compare_with: str | None = None, allow_special: bool = False
) -> EncodingOptions:
    """Return the options for *model_or_encoding*; an encoding is priced as *model*."""
    if model_or_encoding in ENCODINGS:
        return EncodingOptions(model, model_or_encoding, False, compare_with, allow_special)
    encoding = encoding_for_model(model_or_encoding)
    return EncodingOptions(model_or_encoding, encoding.name, encoding.assumed, compare_with, allow_special)


def analyse(kind: InputKind, text: str, options: EncodingOptions) -> TokenAnalysis:
    """Encode, parse or decode *text*, depending on *kind*.

    Raises PlaygroundError if it cannot be parsed or is too large.
    """
    compare_with, allow_special = options.compare_with, options.allow_special
    if kind == "ids":
        tokens = from_token_ids(parse_token_ids(text), options.encoding)
        text = decode(tokens)
        other_tokens = tokenise(text, compare_with) if compare_with else None
        return TokenAnalysis("ids", options, text, tokens, other_tokens)
    request = parse_request(text) if kind == "request" else None
    text = request_text(request.chat) if request else text
    other_tokens = tokenise(text, compare_with, allow_special) if compare_with else None
    tokens = tokenise(text, options.encoding, allow_special)
    estimate = _estimate(request, options.model) if request else None
    return TokenAnalysis(kind, options, text, tokens, other_tokens, request, estimate)


def _estimate(request: ParsedRequest, model_id: str) -> TokenEstimate:
    estimate = estimate_tokens({**request.chat, "model": model_id})
    notes = (*estimate.notes, *request.notes)
    return replace(estimate, notes=notes, assumed=bool(notes))


def count_for_model(analysis: TokenAnalysis, model_id: str) -> int:
    """Count the input tokens for *model_id*, which may have another encoding and overhead."""
    if analysis.request:
        return estimate_tokens({**analysis.request.chat, "model": model_id}).tokens
    return len(tokens_by_encoding(analysis, encoding_for_model(model_id).name))


def tokens_by_encoding(analysis: TokenAnalysis, encoding: str) -> Tokens:
    """Return the tokens of the text in *encoding*, encoded only if the analysis does not have them."""
    for tokens in filter(None, (analysis.tokens, analysis.other_tokens)):
        # IDs that the user entered need not be the ones to which their text encodes.
        if tokens.encoding == encoding and (analysis.kind != "ids" or tokens is analysis.other_tokens):
            return tokens
    return tokenise(analysis.text, encoding, analysis.options.allow_special)
