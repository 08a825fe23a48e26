"""An analysis as JSON for the token view: a summary, and one page of tokens."""

import re
from datetime import UTC, datetime
from typing import Any

from components.session.token_session import AnalysisError
from components.ui.formatting import format_dollars
from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.token_analysis.analysis import TokenAnalysis
from core.tokens.tokenizer import Tokens, TokenSpan, page, token_range_for_bytes

View = dict[str, Any]

PAGE_SIZE = 500
# A token of 128 spaces is shown in full, a long run of bytes that are not UTF-8 is not.
_MAX_SPAN_CHARACTERS = 400
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def analysis_view(analysis: TokenAnalysis | AnalysisError, index: int = 0) -> View:
    """Return the summary, and the page of tokens at *index*, in both encodings."""
    if isinstance(analysis, AnalysisError):
        return {"error": {"title": analysis.title, "hint": analysis.hint}}
    tokens, other = analysis.tokens, analysis.other_tokens
    start, spans = page(tokens, index, PAGE_SIZE, other)
    notes: list[str] = []
    other_pane = None
    if other is not None:
        # The page of the other encoding covers the same bytes, so that both can be read side by side.
        shown = sum(len(span.ids) for span in spans)
        first_byte = int(tokens.end_offsets[start - 1]) if start else 0
        last_byte = int(tokens.end_offsets[start + shown - 1]) if shown else first_byte
        other_index, length = token_range_for_bytes(other, first_byte, last_byte)
        other_pane = _pane(other, *page(other, other_index, length, tokens))
        notes.append(
            f"{analysis.difference_count:,} of {len(tokens):,} tokens differ from {other.encoding}, "
            f"which uses {len(other):,} ({len(other) - len(tokens):+,})."
        )
    if lone_surrogates := len(_LONE_SURROGATE.findall(analysis.text)):
        notes.append(f"{lone_surrogates:,} lone surrogates are encoded as U+FFFD.")
    return {
        "summary": _summary(analysis) if analysis.text or analysis.kind != "file" else [],
        "note": " ".join(notes),
        "left": _pane(tokens, start, spans),
        "right": other_pane,
    }


def _pane(tokens: Tokens, start: int, spans: list[TokenSpan]) -> View:
    page_spans = [
        [
            None if span.text is None else span.text[:_MAX_SPAN_CHARACTERS],
            span.ids,
            [token_bytes.hex(" ") for token_bytes in span.token_bytes],
            span.differs,
        ]
        for span in spans
    ]
    return {"title": tokens.encoding, "at": start, "total": len(tokens), "spans": page_spans}


def _summary(analysis: TokenAnalysis) -> list[View]:
    """Return the metrics above the tokens: [{value, label, hint}]."""
    text, tokens, options = analysis.text, analysis.tokens, analysis.options
    assumed = ", assumed" if options.encoding_assumed else ""
    unit = "token" if analysis.total_tokens == 1 else "tokens"
    metrics = [
        (
            f"{'≈ ' if analysis.estimate else ''}{analysis.total_tokens:,}",
            f"{unit} ({options.encoding}{assumed})",
            "Counted locally, not by the server",
        )
    ]
    if analysis.estimate:
        hint = "The tokens of the message texts; the rest is overhead"
        metrics.append((f"{len(tokens):,}", "in message texts", hint))
    bytes_per_token = tokens.byte_count / max(len(tokens), 1)
    metrics += [
        (f"{len(text):,}", "characters", "Unicode code points; an emoji may consist of several"),
        (f"{bytes_per_token:.2f}", "bytes per token", "English text has about 4 to 5"),
    ]
    usage = Usage(analysis.total_tokens)
    cost = cost_of(usage, options.model, datetime.now(UTC), BillingTerms(billed=False)).amount
    if cost is not None:
        label = f"as input for {options.model[:40]}"
        metrics.append((format_dollars(cost), label, "List price of the input, without output"))
    return [{"value": value, "label": label, "hint": hint} for value, label, hint in metrics]
