"""A reading as the token view draws it: plain JSON, a window of it at a time."""

import re
from datetime import UTC, datetime
from typing import Any

from components.live.views import dollars
from components.session.token_session import Problem
from core.pricing.prices import Terms, cost_of
from core.pricing.usage import Usage
from core.tokens.analysis import Reading
from core.tokens.tokenizer import Piece, Tokens, covering, window

View = dict[str, Any]

WINDOW = 500
_LONG = 400  # characters of one piece: a token of 128 spaces is fine, a run of undecodable bytes is not
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def reading_view(reading: Reading | Problem, at: int = 0) -> View:
    """The figures, and the tokens around place *at* by both encodings."""
    if isinstance(reading, Problem):
        return {"problem": {"title": reading.title, "hint": reading.hint}}
    start, pieces = window(reading.tokens, at, WINDOW, reading.other)
    shown = sum(len(piece.ids) for piece in pieces)
    return {
        "summary": _summary(reading) if reading.text or reading.kind != "file" else [],
        "note": _note(reading),
        "left": _pane(reading.tokens, start, pieces),
        "right": _beside(reading, start, shown) if reading.other is not None else None,
    }


def _pane(tokens: Tokens, start: int, pieces: list[Piece]) -> View:
    return {
        "title": tokens.encoding,
        "at": start,
        "total": len(tokens),
        "pieces": [_piece(piece) for piece in pieces],
    }


def _piece(piece: Piece) -> list[Any]:
    text = None if piece.text is None else piece.text[:_LONG]
    return [text, piece.ids, [part.hex(" ") for part in piece.parts], piece.differs]


def _beside(reading: Reading, start: int, shown: int) -> View:
    """The other encoding's tokens of the same bytes."""
    tokens, other = reading.tokens, reading.other
    assert other is not None
    first = int(tokens.ends[start - 1]) if start else 0
    last = int(tokens.ends[start + shown - 1]) if shown else first
    at, length = covering(other, first, last)
    begins, pieces = window(other, at, length, tokens)
    return _pane(other, begins, pieces)


def _summary(reading: Reading) -> list[View]:
    """The live figures: [{value, label, hint}]."""
    text, tokens = reading.text, reading.tokens
    about = "≈ " if reading.estimate else ""
    figures = [(f"{about}{reading.total:,}", _unit(reading), "Estimated: counted here, not by the server")]
    if reading.estimate:
        figures.append(
            (f"{len(tokens):,}", "in the texts", "The texts of the messages; the rest is overhead")
        )
    figures += [
        (f"{len(text):,}", "characters", "Code points: an emoji may be several"),
        (f"{tokens.size / max(len(tokens), 1):.2f}", "bytes a token", "English has some 4 to 5"),
    ]
    if price := _price(reading):
        figures.append(
            (price, f"as input to {reading.choice.model[:40]}", "At the list price, without output")
        )
    return [{"value": value, "label": label, "hint": hint} for value, label, hint in figures]


def _unit(reading: Reading) -> str:
    assumed = ", assumed" if reading.choice.assumed else ""
    unit = "token" if reading.total == 1 else "tokens"
    return f"{unit} ({reading.choice.encoding}{assumed})"


def _price(reading: Reading) -> str:
    cost = cost_of(Usage(reading.total), reading.choice.model, datetime.now(UTC), Terms(billed=False))
    return "" if cost.amount is None else dollars(cost.amount)


def _note(reading: Reading) -> str:
    """What one should know of this text, in a sentence or two."""
    notes = []
    if reading.other is not None:
        change = len(reading.other) - len(reading.tokens)
        notes.append(
            f"{reading.differing:,} of {len(reading.tokens):,} tokens are cut otherwise by "
            f"{reading.other.encoding}, which takes {len(reading.other):,} ({change:+,})."
        )
    if lone := len(_LONE_SURROGATE.findall(reading.text)):
        notes.append(f"{lone:,} halves of characters (lone surrogates) are read as U+FFFD.")
    return " ".join(notes)
