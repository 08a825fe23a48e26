"""Vega-Lite charts of embeddings; Streamlit's theme colours them for light and dark."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.embeddings.inputs import InputText
from core.embeddings.similarity import Histogram
from core.embeddings.vectors import Matrix, Projection2D

_MAX_LABEL_LENGTH = 34
_MAX_TOOLTIP_LENGTH = 140
_HEATMAP_SCHEME = "tealblues"
# Readable on light and dark backgrounds. Groups differ by shape too, for readers with colour blindness.
_GROUP_COLOURS = (
    "#14938a",
    "#d97706",
    "#7c6ff0",
    "#e0518d",
    "#4d9de0",
    "#8a9a1f",
    "#c0504d",
    "#8b8b8b",
)
_NO_GROUP, _OTHER_GROUPS = "no group", "other groups"
_ACCENT = "#14938a"  # between the theme's light and dark accents: contrast 3:1 on both backgrounds


def label(item: InputText, max_length: int = _MAX_LABEL_LENGTH) -> str:
    """Return the line number and the beginning of a text; unique among the inputs of a page."""
    text = " ".join(item.text.split())
    return f"{item.line} · {text[: max_length - 1]}…" if len(text) > max_length else f"{item.line} · {text}"


def heatmap(inputs: Sequence[InputText], similarity: Matrix) -> None:
    """Draw the similarity of every text to every other, in the order of *inputs*."""
    names = [label(item) for item in inputs]
    cells = [
        {"text": names[row], "other": names[column], "cosine": round(float(similarity[row, column]), 4)}
        for row in range(len(names))
        for column in range(len(names))
    ]
    axis = {
        "labelLimit": 190,
        "labelOverlap": False,
        "title": None,
        "ticks": False,
        "domain": False,
        "grid": False,
    }
    labelled_columns = len(names) <= 30
    _draw(
        cells,
        {
            "mark": {"type": "rect", "tooltip": True},
            "encoding": {
                "x": _nominal("other", names, {**axis, "labels": labelled_columns, "labelAngle": -60}),
                "y": _nominal("text", names, {**axis, "labels": len(names) <= 60}),
                "color": {
                    "field": "cosine",
                    "type": "quantitative",
                    "scale": {"scheme": _HEATMAP_SCHEME},
                    "legend": {"title": "cosine", "orient": "right", "gradientLength": 160},
                },
                "tooltip": _tooltips("text", "other", "cosine"),
            },
        },
        "Similarity of every text to every other; the table below has the same values",
        height=max(240, min(720, 22 * len(names) + (170 if labelled_columns else 20))),
    )


def scatter(inputs: Sequence[InputText], projection: Projection2D) -> None:
    """Draw the projected texts, each group with a colour and a shape; the smallest beyond eight share one."""
    sizes = Counter(item.group for item in inputs)
    max_groups = len(_GROUP_COLOURS) if len(sizes) <= len(_GROUP_COLOURS) else len(_GROUP_COLOURS) - 1
    groups = {group: group or _NO_GROUP for group, _ in sizes.most_common(max_groups)}
    points = [
        {
            "x": round(float(x), 5),
            "y": round(float(y), 5),
            "text": item.text[:_MAX_TOOLTIP_LENGTH],
            "group": item.group or _NO_GROUP,
            "colour": groups.get(item.group, _OTHER_GROUPS),
            "line": item.line,
        }
        for item, (x, y) in zip(inputs, projection.points, strict=True)
    ]
    legend = {"title": None, "orient": "bottom", "columns": 3}
    shape = {"field": "colour", "type": "nominal", "legend": legend}
    colour = {**shape, "scale": {"range": list(_GROUP_COLOURS)}}
    _draw(
        points,
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 90 if len(points) < 200 else 25,
                "opacity": 0.85,
            },
            "encoding": {
                "x": _projection_axis("x", "first axis", projection.explained_variance[0]),
                "y": _projection_axis("y", "second axis", projection.explained_variance[1]),
                **({"color": colour, "shape": shape} if len(groups) > 1 else {}),
                "tooltip": _tooltips("text", "group", "line"),
            },
        },
        "Map of the texts in two dimensions; similar texts are close to each other",
        height=460,
    )


def _projection_axis(field: str, name: str, explained_variance: float) -> dict[str, Any]:
    title = f"{name} ({explained_variance:.0%} of the variance)" if explained_variance else name
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": False, "padding": 24},
        "axis": {"labels": False, "ticks": False, "grid": False, "title": title},
    }


def histogram(distribution: Histogram) -> None:
    """Draw the number of pairs by similarity."""
    bins = [
        {"from": round(low, 4), "to": round(high, 4), "pairs": count}
        for low, high, count in zip(
            distribution.edges, distribution.edges[1:], distribution.counts, strict=False
        )
    ]
    _draw(
        bins,
        {
            "mark": {"type": "bar", "tooltip": True, "color": _ACCENT},
            "encoding": {
                "x": {"field": "from", "type": "quantitative", "bin": "binned", "title": "cosine similarity"},
                "x2": {"field": "to"},
                "y": {"field": "pairs", "type": "quantitative", "title": "pairs"},
            },
        },
        f"Histogram of similarities, mean {distribution.mean:.3f}",
        height=320,
    )


def line(points: Sequence[Mapping[str, float | str]]) -> None:
    """Draw each `measure` as a line of `share` by `dimensions`."""
    by_measure = {"field": "measure", "type": "nominal", "legend": {"title": None, "orient": "bottom"}}
    _draw(
        points,
        {
            "mark": {"type": "line", "point": True, "tooltip": True},
            "encoding": {
                "x": {
                    "field": "dimensions",
                    "type": "quantitative",
                    "scale": {"type": "log", "base": 2, "nice": False},
                    "axis": {"values": [point["dimensions"] for point in points], "grid": False},
                },
                "y": {"field": "share", "type": "quantitative", "title": None, "axis": {"format": ".0%"}},
                "color": by_measure,
                "strokeDash": by_measure,
            },
        },
        "Agreement with the full embeddings by number of dimensions",
        height=280,
    )


def _nominal(field: str, names: Sequence[str], axis: Mapping[str, Any]) -> dict[str, Any]:
    # Without `sort`, Vega-Lite sorts by name and loses the clustered order.
    return {"field": field, "type": "nominal", "sort": list(names), "axis": dict(axis)}


def _tooltips(*fields: str) -> list[dict[str, str]]:
    return [{"field": field, "title": field} for field in fields]


def _draw(values: Sequence[Mapping[str, Any]], spec: Mapping[str, Any], alt: str, height: int) -> None:
    # The data is part of the specification: a data frame would be no smaller, and takes time to build.
    st.vega_lite_chart({"data": {"values": list(values)}, **spec}, width="stretch", height=height, alt=alt)
