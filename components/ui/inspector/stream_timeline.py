"""A chart of when the chunks of a streamed reply arrived."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.chat.timeline import Gap, arrival_times, cumulative_counts, first_token_time, longest_gap
from core.runs.run import Event

# The second of the theme's colours for charts; the line has the first. The marks differ in form too.
_MARK_COLOUR = "#d97706"


def stream_timeline(events: Sequence[Event]) -> None:
    """Draw the chart below its metrics; nothing for a reply that was not streamed."""
    times, first_token, gap = arrival_times(events), first_token_time(events), longest_gap(events)
    if gap is None:
        return
    metrics = {
        "First token": "none" if first_token is None else _milliseconds(first_token),
        "Longest gap": _milliseconds(gap[1] - gap[0]),
        "Events": f"{len(times):,}",
    }
    for column, (label, value) in zip(st.columns(len(metrics)), metrics.items(), strict=True):
        column.metric(label, value)
    summary = ", ".join(f"{label.lower()} {value}" for label, value in metrics.items())
    st.vega_lite_chart(
        _chart(times, first_token, gap),
        width="stretch",
        height=150,
        alt=f"Chunks received over time: {summary}",
    )
    st.caption("Chunks received over time. Dashed line: first token. Shaded: longest gap.")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _chart(times: Sequence[float], first_token: float | None, gap: Gap) -> dict[str, Any]:
    """Return the chart as a Vega-Lite specification."""
    line = {"type": "line", "interpolate": "step-after", "tooltip": True}
    shade = {"type": "rect", "color": _MARK_COLOUR, "opacity": 0.3}
    layers = [
        _layer([{"ms": gap[0] * 1000, "end": gap[1] * 1000}], shade),
        _layer([{"ms": time * 1000, "chunks": count} for time, count in cumulative_counts(times)], line),
    ]
    if first_token is not None:
        rule = {"type": "rule", "color": _MARK_COLOUR, "strokeDash": [5, 4], "strokeWidth": 2}
        layers.append(_layer([{"ms": first_token * 1000}], rule))
    return {"layer": layers}


def _layer(values: list[dict[str, Any]], mark: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with `ms` (up to `end`, if present) on the x axis and `chunks` on the y axis."""
    encoding: dict[str, Any] = {"x": {"field": "ms", "type": "quantitative", "title": "ms after sending"}}
    if "end" in values[0]:
        encoding["x2"] = {"field": "end"}
    if "chunks" in values[0]:
        encoding["y"] = {"field": "chunks", "type": "quantitative", "title": "chunks"}
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}
