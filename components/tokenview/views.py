"""A reading as the token view draws it: plain JSON, a window of it at a time."""

import re
from datetime import UTC, datetime
from typing import Any

from components.session.token_session import AnalysisError
from components.ui.formatting import format_dollars
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.tokens.analysis import TokenAnalysis
from core.tokens.tokenizer import Tokens, TokenSpan, page, token_range_for_bytes

View = dict[str, Any]

PAGE_SIZE = 500
_MAX_SPAN_CHARACTERS = (
    400  # characters of one piece: a token of 128 spaces is fine, a run of undecodable bytes is not
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def analysis_view(reading: TokenAnalysis | AnalysisError, at: int = 0) -> View:
    """The figures, and the tokens around place *at* by both encodings."""
    if isinstance(reading, AnalysisError):
        return {"problem": {"title": reading.title, "hint": reading.hint}}
    start, pieces = page(reading.tokens, at, PAGE_SIZE, reading.other_tokens)
    shown = sum(len(piece.ids) for piece in pieces)
    return {
        "summary": _summary(reading) if reading.text or reading.kind != "file" else [],
        "note": _note(reading),
        "left": _pane(reading.tokens, start, pieces),
        "right": _beside(reading, start, shown) if reading.other_tokens is not None else None,
    }


def _pane(tokens: Tokens, start: int, pieces: list[TokenSpan]) -> View:
    return {
        "title": tokens.encoding,
        "at": start,
        "total": len(tokens),
        "pieces": [_piece(piece) for piece in pieces],
    }


def _piece(piece: TokenSpan) -> list[Any]:
    text = None if piece.text is None else piece.text[:_MAX_SPAN_CHARACTERS]
    return [text, piece.ids, [part.hex(" ") for part in piece.token_bytes], piece.differs]


def _beside(reading: TokenAnalysis, start: int, shown: int) -> View:
    """The other encoding's tokens of the same bytes."""
    tokens, other = reading.tokens, reading.other_tokens
    assert other is not None
    first = int(tokens.end_offsets[start - 1]) if start else 0
    last = int(tokens.end_offsets[start + shown - 1]) if shown else first
    at, length = token_range_for_bytes(other, first, last)
    begins, pieces = page(other, at, length, tokens)
    return _pane(other, begins, pieces)


def _summary(reading: TokenAnalysis) -> list[View]:
    """The live figures: [{value, label, hint}]."""
    text, tokens = reading.text, reading.tokens
    about = "≈ " if reading.estimate else ""
    figures = [
        (f"{about}{reading.total_tokens:,}", _unit(reading), "Estimated: counted here, not by the server")
    ]
    if reading.estimate:
        figures.append(
            (f"{len(tokens):,}", "in the texts", "The texts of the messages; the rest is overhead")
        )
    figures += [
        (f"{len(text):,}", "characters", "Code points: an emoji may be several"),
        (f"{tokens.byte_count / max(len(tokens), 1):.2f}", "bytes a token", "English has some 4 to 5"),
    ]
    if price := _price(reading):
        figures.append(
            (price, f"as input to {reading.options.model[:40]}", "At the list price, without output")
        )
    return [{"value": value, "label": label, "hint": hint} for value, label, hint in figures]


def _unit(reading: TokenAnalysis) -> str:
    assumed = ", assumed" if reading.options.encoding_assumed else ""
    unit = "token" if reading.total_tokens == 1 else "tokens"
    return f"{unit} ({reading.options.encoding}{assumed})"


def _price(reading: TokenAnalysis) -> str:
    cost = cost_of(
        Usage(reading.total_tokens), reading.options.model, datetime.now(UTC), BillingTerms(billed=False)
    )
    return "" if cost.amount is None else format_dollars(cost.amount)


def _note(reading: TokenAnalysis) -> str:
    """What one should know of this text, in a sentence or two."""
    notes = []
    if reading.other_tokens is not None:
        change = len(reading.other_tokens) - len(reading.tokens)
        notes.append(
            f"{reading.difference_count:,} of {len(reading.tokens):,} tokens are cut otherwise by "
            f"{reading.other_tokens.encoding}, which takes {len(reading.other_tokens):,} ({change:+,})."
        )
    if lone := len(_LONE_SURROGATE.findall(reading.text)):
        notes.append(f"{lone:,} halves of characters (lone surrogates) are read as U+FFFD.")
    return " ".join(notes)
