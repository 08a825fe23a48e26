"""What was typed or uploaded, read as tokens: a text, a chat request, or ids to decode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.tokens.encodings import ENCODINGS, encoding_for
from core.tokens.estimate import Estimate, estimate
from core.tokens.request_parser import read_request, spoken_text
from core.tokens.tokenizer import Tokens, decode, differing, from_ids, read_ids, tokenise

Kind = Literal["text", "request", "ids", "file"]

_SAME_IN_EACH = ("instructions", "tools", "reply schema")


@dataclass(frozen=True, slots=True)
class Choice:
    """How to read: by which encoding, beside which *other*, and whether special tokens are meant as such.

    *model* is what prices and overhead are for; `assumed` when no public source names its encoding.
    """

    model: str = ""
    encoding: str = "o200k_base"
    assumed: bool = False
    other: str | None = None
    special: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The text with its tokens; `params` and `estimate` are there for a chat request only."""

    kind: Kind
    choice: Choice
    text: str
    tokens: Tokens
    other: Tokens | None = None
    params: Mapping[str, Any] | None = None
    estimate: Estimate | None = None

    @property
    def total(self) -> int:
        """What it would take as input: the whole request, or the tokens alone."""
        return self.estimate.tokens if self.estimate else len(self.tokens)

    @property
    def differing(self) -> int:
        return differing(self.tokens, self.other) if self.other else 0

    @property
    def prefix(self) -> int | None:
        """Tokens of the request that every call would begin with: instructions, tools, schema."""
        if not self.estimate:
            return None
        return sum(tokens for name, tokens in self.estimate.parts if name in _SAME_IN_EACH)

    def as_request(self) -> dict[str, Any]:
        """Return the chat request it is, or would be as the one message of a user; without a model."""
        return dict(self.params or {"messages": [{"role": "user", "content": self.text}]})


def choice_for(model: str, encoding: str, other: str | None = None, special: bool = False) -> Choice:
    """Settle what *encoding* means, which may name an encoding or any model; *model* is the one in use."""
    if encoding in ENCODINGS:
        return Choice(model, encoding, False, other, special)
    found = encoding_for(encoding)
    return Choice(encoding, found.name, found.assumed, other, special)


def read(kind: Kind, text: str, choice: Choice) -> Reading:
    """Read *text* as *kind*. Raises PlaygroundError saying what of it cannot be read, or is too much."""
    if kind == "ids":
        return _decoded(text, choice)
    params = read_request(text) if kind == "request" else None
    shown = spoken_text(params) if params else text
    other = tokenise(shown, choice.other, choice.special) if choice.other else None
    tokens = tokenise(shown, choice.encoding, choice.special)
    estimated = estimate({**params, "model": choice.model}) if params else None
    return Reading(kind, choice, shown, tokens, other, params, estimated)


def tokens_for(reading: Reading, model: str) -> int:
    """Count the reading as input to *model*, whose encoding and overhead may be others."""
    if reading.params:
        return estimate({**reading.params, "model": model}).tokens
    return len(counted_by(reading, encoding_for(model).name))


def counted_by(reading: Reading, encoding: str) -> Tokens:
    """Return the tokens of the text by *encoding*, without encoding anew where that is done already."""
    for tokens in filter(None, (reading.tokens, reading.other)):
        if tokens.encoding == encoding and (reading.kind != "ids" or tokens is reading.other):
            return tokens
    return tokenise(reading.text, encoding, reading.choice.special)


def _decoded(text: str, choice: Choice) -> Reading:
    tokens = from_ids(read_ids(text), choice.encoding)
    decoded = decode(tokens)
    other = tokenise(decoded, choice.other) if choice.other else None
    return Reading("ids", choice, decoded, tokens, other)
