"""The small chart of when a reply's chunks arrived, with the first token and the longest gap."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.chat.timeline import Gap, arrival_times, cumulative_counts, first_token_time, longest_gap
from core.runs.run import Event

# Between light and dark: at least 3:1 on both backgrounds, and told apart by form as well.
_LINE = "#14938a"
_MARK = "#d97706"


def stream_timeline(events: Sequence[Event]) -> None:
    """Draw it, below its figures; nothing for a reply that came in one piece."""
    times, first, gap = arrival_times(events), first_token_time(events), longest_gap(events)
    if gap is None:
        return
    shown = _figures(len(times), first, gap)
    for column, (label, value) in zip(st.columns(len(shown)), shown.items(), strict=True):
        column.metric(label, value)
    told = ", ".join(f"{label.lower()} {value}" for label, value in shown.items())
    st.vega_lite_chart(
        _chart(times, first, gap),
        width="stretch",
        height=150,
        alt=f"Chunks received over time: {told}",
    )
    st.caption("Chunks received over time. Dashed: the first token. Shaded: the longest gap.")


def _figures(chunks: int, first: float | None, gap: Gap) -> dict[str, str]:
    return {
        "First token": "none" if first is None else _milliseconds(first),
        "Longest gap": _milliseconds(gap[1] - gap[0]),
        "Events": f"{chunks:,}",
    }


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def _chart(times: Sequence[float], first: float | None, gap: Gap) -> dict[str, Any]:
    line = {"type": "line", "interpolate": "step-after", "color": _LINE, "tooltip": True}
    layers = [
        _layer(
            [{"ms": gap[0] * 1000, "end": gap[1] * 1000}], {"type": "rect", "color": _MARK, "opacity": 0.3}
        ),
        _layer([{"ms": at * 1000, "chunks": number} for at, number in cumulative_counts(times)], line),
    ]
    if first is not None:
        rule = {"type": "rule", "color": _MARK, "strokeDash": [5, 4], "strokeWidth": 2}
        layers.append(_layer([{"ms": first * 1000}], rule))
    return {"layer": layers}


def _layer(values: list[dict[str, Any]], mark: dict[str, Any]) -> dict[str, Any]:
    """Lay *values* out by their fields: `ms` to the right as far as `end`, `chunks` upwards."""
    places: dict[str, Any] = {"x": {"field": "ms", "type": "quantitative", "title": "ms after sending"}}
    if "end" in values[0]:
        places["x2"] = {"field": "end"}
    if "chunks" in values[0]:
        places["y"] = {"field": "chunks", "type": "quantitative", "title": "chunks"}
    return {"data": {"values": values}, "mark": mark, "encoding": places}
