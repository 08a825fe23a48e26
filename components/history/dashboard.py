"""Charts of what runs used, cost and took, by day and by page, model or server."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.history.labels import capability_label
from components.history.repositories import dashboard_of
from components.session import session
from components.ui.formatting import format_count, format_dollars, format_seconds, metric_line
from components.ui.table import downloadable_table
from core.history.dashboard import Dashboard, Dimension, LatencySummary, UsageTotals
from core.history.filter import HistoryFilter

_DIMENSIONS = {"Page": Dimension.PAGE, "Model": Dimension.MODEL, "Server": Dimension.PROFILE}
_BY_KEY = "history.by"
_FIGURES = ("Cost", "Tokens", "Requests", "Errors", "Latency")
# More would have the same colours.
_MAX_VALUES = 8
_OTHERS = "Others"


def dashboard(chosen: HistoryFilter) -> None:
    """Draw the figures of the runs that meet the conditions."""
    by = str(session.widget_value(_BY_KEY) or next(iter(_DIMENSIONS)))
    dimension = _DIMENSIONS[by]
    figures = dashboard_of(chosen, dimension)
    total = figures.total()
    if figures.imported:
        runs = format_count(figures.imported, "imported run")
        st.caption(f"Without {runs}: the calls were made elsewhere. Filter by their tag to see the figures.")
    if not total.runs:
        st.info("No other runs match." if figures.imported else "No runs match.", icon=":material/bar_chart:")
        return
    _metrics(total)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        # The sandbox and local servers cost nothing.
        key = session.with_default("history.figure", "Cost" if total.cost else "Tokens")
        figure = st.segmented_control("Figure", _FIGURES, required=True, key=key)
        st.segmented_control("By", list(_DIMENSIONS), required=True, key=session.with_default(_BY_KEY, by))
    if figure == "Latency":
        _latency_chart(figures.day_latencies())
    else:
        _day_chart(str(figure), _name_values(figures, dimension))
    _summary_table(by, figures, dimension)


def _metrics(total: UsageTotals) -> None:
    metric_line(
        {
            "requests": f"{total.runs:,}",
            "failed": f"{total.failed:,} ({total.failed / total.runs:.1%})",
            "input tokens": f"{total.input_tokens:,}",
            "output tokens": f"{total.output_tokens:,}",
            "cost": format_dollars(total.cost),
        }
    )


def _label(value: str, dimension: Dimension) -> str:
    return capability_label(value) if dimension is Dimension.PAGE else value or "unknown"


def _name_values(figures: Dashboard, dimension: Dimension) -> list[tuple[str, str, UsageTotals]]:
    """Return day, name and figures; the names of the values with the fewest runs are one."""
    counts = {value: usage.runs for value, usage in figures.by_value().items()}
    frequent = sorted(counts, key=counts.__getitem__, reverse=True)
    own = set(frequent if len(frequent) <= _MAX_VALUES else frequent[: _MAX_VALUES - 1])
    return [
        (each.day, _label(each.value, dimension) if each.value in own else _OTHERS, each.usage)
        for each in figures.days
    ]


def _figure(name: str, usage: UsageTotals) -> float:
    return {
        "Cost": float(usage.cost),
        "Tokens": usage.input_tokens + usage.output_tokens,
        "Requests": usage.runs,
        "Errors": usage.failed,
    }[name]


def _day_chart(name: str, days: Sequence[tuple[str, str, UsageTotals]]) -> None:
    """Draw a bar for each day, stacked by name."""
    rows = [{"day": day, "name": value, "figure": _figure(name, usage)} for day, value, usage in days]
    encoding = {
        "x": _day_axis(),
        "y": {
            "field": "figure",
            "type": "quantitative",
            "stack": True,
            "axis": {"title": None, "format": "$~g" if name == "Cost" else "~s", "tickCount": 5},
        },
        "color": {
            "field": "name",
            "type": "nominal",
            "legend": {"title": None, "orient": "bottom", "columns": 3},
        },
        "tooltip": [
            {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "day (UTC)"},
            {"field": "name", "title": "name"},
            {"field": "figure", "title": name.lower(), "format": ",.6~f" if name == "Cost" else ",d"},
        ],
    }
    _chart({"mark": {"type": "bar", "binSpacing": 0.5}, "encoding": encoding}, rows, f"{name} by day")


def _latency_chart(latencies: Sequence[LatencySummary]) -> None:
    rows = [
        {"day": each.group, "name": name, "figure": seconds}
        for each in latencies
        for name, seconds in (("median", each.median), ("95th percentile", each.p95))
    ]
    encoding = {
        "x": _day_axis(),
        "y": {"field": "figure", "type": "quantitative", "axis": {"title": "seconds", "tickCount": 5}},
        "color": {"field": "name", "type": "nominal", "legend": {"title": None, "orient": "bottom"}},
        "tooltip": [
            {"field": "day", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": "day (UTC)"},
            {"field": "name", "title": "of successful requests"},
            {"field": "figure", "title": "seconds", "format": ".2f"},
        ],
    }
    _chart({"mark": {"type": "line", "point": True}, "encoding": encoding}, rows, "Seconds by day")


def _day_axis() -> dict[str, Any]:
    return {
        "field": "day",
        "type": "temporal",
        "timeUnit": "utcyearmonthdate",
        "axis": {"title": None, "format": "%b %-d", "labelOverlap": True, "grid": False, "tickCount": "day"},
    }


def _chart(spec: dict[str, Any], rows: list[dict[str, Any]], alt: str) -> None:
    st.vega_lite_chart({"data": {"values": rows}, **spec}, width="stretch", height=280, alt=alt)


def _summary_table(by: str, figures: Dashboard, dimension: Dimension) -> None:
    """Draw the figures of each page, model or server, those that cost most first."""
    latencies = {each.group: each for each in figures.value_latencies()}
    rows = [
        {
            by: _label(value, dimension),
            "Requests": usage.runs,
            "Failed": usage.failed,
            "Input tokens": usage.input_tokens,
            "Output tokens": usage.output_tokens,
            "Cost": format_dollars(usage.cost),
            "Median": format_seconds(latencies[value].median) if value in latencies else "",
            "95th percentile": format_seconds(latencies[value].p95) if value in latencies else "",
        }
        for value, usage in sorted(
            figures.by_value().items(), key=lambda item: (-item[1].cost, -item[1].runs)
        )
    ]
    downloadable_table(rows, f"history-by-{by.lower()}", f"Figures by {by.lower()}", pinned=[by])
