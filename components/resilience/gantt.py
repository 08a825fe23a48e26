"""The requests of several strategies as bars on one time axis, in as many rows as were under way at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from core.resilience.concurrency.report import StrategyResult
    from core.resilience.concurrency.spans import Span

# Of the theme's colours for charts, and of its text.
_COLOURS = {"reply": "#14938a", "failed": "#c0504d", "batch": "#7c6ff0", "under way": "#8b8b8b"}
_TEXT_COLOURS = {"light": "#0e1816", "dark": "#e6ecea"}
# Pixels: of the title of a strategy, of all its rows, and of one row.
_TITLE, _ROWS, _MAX_ROW = 30, 130, 14
_AXIS = 130  # with its labels, its title and the legend
_LABEL_LIMIT = 0.7  # of the axis, behind which a label would not fit


def gantt(results: "Sequence[StrategyResult]", prompts: int) -> None:
    """Draw the requests of each strategy below its title. The time of each starts at 0."""
    titles, bars, top = list[dict[str, Any]](), list[dict[str, Any]](), 0.0
    for result in results:
        spans = result.spans
        titles.append({"title": _title(result, prompts), "from": 0, "row": top + _TITLE - 8})
        height = min(_MAX_ROW, _ROWS / max((span.lane + 1 for span in spans), default=1))
        top += _TITLE
        bars += [_bar(result, span, top, height) for span in spans]
        top += height * max((span.lane + 1 for span in spans), default=1)
    longest = max((result.seconds for result in results), default=1.0)
    st.vega_lite_chart(
        {"layer": [*_layers(titles, bars, longest, top), *_state_labels(bars, longest, top)]},
        width="stretch",
        height=round(top) + _AXIS,
        alt="; ".join(_title(result, prompts) for result in results) or "No request yet",
    )


def _title(result: "StrategyResult", prompts: int) -> str:
    times = result.reply_times
    replies = f"{len(times)} of {prompts} replies" + (f" in {times[-1]:.1f} s" if times else "")
    failed = f", {result.failures} requests failed" if result.failures else ""
    state = ""
    if result.strategy.is_batch and not result.has_ended:
        state = f", {result.spans[-1].status}, {result.batch_completed} completed"
    return f"{result.strategy.label} · {replies}{failed}{state}"


def _bar(result: "StrategyResult", span: "Span", top: float, height: float) -> dict[str, Any]:
    row = top + span.lane * height
    return {
        "way": result.strategy.label,
        "row": round(row, 1),
        "below": round(row + height * 0.85, 1),
        "from": round(span.start, 3),
        "to": round(result.seconds if span.end is None else span.end, 3),
        "outcome": span.outcome,
        "status": span.status,
    }


def _layers(
    titles: list[dict[str, Any]], bars: list[dict[str, Any]], longest: float, height: float
) -> list[dict[str, Any]]:
    axes = _axes(longest, height)
    colour = {
        "field": "outcome",
        "type": "nominal",
        "scale": {"domain": list(_COLOURS), "range": list(_COLOURS.values())},
        "legend": {"title": None, "orient": "bottom"},
    }
    tooltip = [{"field": field, "title": field} for field in ("way", "from", "to", "status")]
    text = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 13, "color": _text_colour()}
    span = {**axes, "x2": {"field": "to"}, "y2": {"field": "below"}}
    failed = [bar for bar in bars if bar["outcome"] == "failed"]  # most take milliseconds only
    return [
        {
            "data": {"values": bars},
            "mark": {"type": "rect", "tooltip": True},
            "encoding": {**span, "color": colour, "tooltip": tooltip},
        },
        {
            "data": {"values": failed},
            "mark": {"type": "point", "shape": "cross", "filled": True, "size": 45, "opacity": 1},
            "encoding": {**axes, "color": colour, "tooltip": tooltip},
        },
        {
            "data": {"values": titles},
            "mark": text,
            "encoding": {**axes, "text": {"field": "title", "type": "nominal"}},
        },
    ]


def _state_labels(bars: list[dict[str, Any]], longest: float, height: float) -> list[dict[str, Any]]:
    """Return the states of a batch as labels beside their bars: at the left if the right has no room."""
    axes = _axes(longest, height)
    states = [bar for bar in bars if bar["outcome"] == "batch"]
    layers = []
    for align, x, shown in (
        ("left", "to", [bar for bar in states if bar["to"] < _LABEL_LIMIT * longest]),
        ("right", "from", [bar for bar in states if bar["to"] >= _LABEL_LIMIT * longest]),
    ):
        mark = {"type": "text", "align": align, "baseline": "top", "fontSize": 11, "color": _text_colour()}
        position = {**axes, "x": {**axes["x"], "field": x}, "text": {"field": "status", "type": "nominal"}}
        mark["dx"] = 4 if align == "left" else -4
        layers.append({"data": {"values": shown}, "mark": mark, "encoding": position})
    return layers


def _text_colour() -> str:
    return _TEXT_COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def _axes(longest: float, height: float) -> dict[str, Any]:
    """Return the axis of the seconds, and that of the rows, which is in pixels from the top."""
    x = {
        "field": "from",
        "type": "quantitative",
        "scale": {"domain": [0, longest], "nice": False},
        "axis": {"title": "seconds", "tickCount": 8},
    }
    scale = {"domain": [0, height], "reverse": True, "nice": False}
    return {"x": x, "y": {"field": "row", "type": "quantitative", "axis": None, "scale": scale}}
