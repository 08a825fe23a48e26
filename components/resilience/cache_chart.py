"""A chart of the input tokens of calls, with those from the prompt cache."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.runs.run import Run

# Of the theme's colours for charts.
_COLOURS = {"from the cache": "#14938a", "not cached": "#d97706"}
_CALLS = [f"Call {number}" for number in range(1, 5)]


def cache_chart(runs: Sequence[Run]) -> None:
    """Draw a bar for each call, with the tokens from the cache first."""
    rows = [row for call, run in zip(_CALLS, runs, strict=False) for row in _rows(call, run)]
    texts = [f"{call}: {cached_text(run)}" for call, run in zip(_CALLS, runs, strict=False)]
    st.vega_lite_chart(
        {
            "data": {"values": rows},
            "mark": {"type": "bar", "height": 18, "tooltip": True},
            "encoding": _encoding(),
        },
        width="stretch",
        height=220,
        alt="; ".join(texts) or "No call has ended yet.",
    )


def cached_text(run: Run) -> str:
    usage = run.usage
    return f"{usage.cached_tokens:,} of {usage.input_tokens:,} input tokens cached" if usage else "no usage"


def _rows(call: str, run: Run) -> list[dict[str, Any]]:
    if run.usage is None:
        return []
    cached = run.usage.cached_tokens
    tokens = {"from the cache": cached, "not cached": run.usage.input_tokens - cached}
    return [
        {"call": call, "kind": kind, "tokens": count, "order": order}
        for order, (kind, count) in enumerate(tokens.items())
    ]


def _encoding() -> dict[str, Any]:
    return {
        "x": {
            "field": "tokens",
            "type": "quantitative",
            "stack": True,
            "axis": {"title": "input tokens", "tickCount": 8},
        },
        "y": {
            "field": "call",
            "type": "nominal",
            "scale": {"domain": _CALLS},
            "axis": {"title": None, "labelFlush": False, "ticks": False, "domain": False},
        },
        "color": {
            "field": "kind",
            "type": "nominal",
            "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
            "legend": {"title": None, "orient": "bottom"},
        },
        "order": {"field": "order", "type": "quantitative"},
        "tooltip": [{"field": field, "title": field} for field in ("call", "kind", "tokens")],
    }
