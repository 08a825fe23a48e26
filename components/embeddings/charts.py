"""Charts of vectors, as Vega-Lite says them: colours come from the theme, light or dark."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.embeddings.inputs import InputText
from core.embeddings.similarity import Histogram
from core.embeddings.vectors import Matrix, Projection2D

_LONGEST_LABEL = 34
_LONGEST_TOOLTIP = 140
_CELLS = "tealblues"
# Readable on light and dark alike, and told apart by shape too.
_GROUPS = ("#14938a", "#d97706", "#7c6ff0", "#e0518d", "#4d9de0", "#8a9a1f", "#c0504d", "#8b8b8b")
_NO_GROUP, _OTHERS = "no group", "other groups"
_ACCENT = "#14938a"  # the theme's, between light and dark: 3:1 on both backgrounds


def label(item: InputText, max_length: int = _LONGEST_LABEL) -> str:
    """Name a text by its line and its beginning; no two items of a page have the same name."""
    text = " ".join(item.text.split())
    return f"{item.line} · {text[: max_length - 1]}…" if len(text) > max_length else f"{item.line} · {text}"


def heatmap(items: Sequence[InputText], similar: Matrix) -> None:
    """Draw the similarity of every text to every other, in the order given."""
    names = [label(item) for item in items]
    cells = [
        {"text": names[row], "other": names[column], "cosine": round(float(similar[row, column]), 4)}
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
    few = len(names) <= 30
    _draw(
        cells,
        {
            "mark": {"type": "rect", "tooltip": True},
            "encoding": {
                "x": _place("other", names, {**axis, "labels": few, "labelAngle": -60}),
                "y": _place("text", names, {**axis, "labels": len(names) <= 60}),
                "color": {
                    "field": "cosine",
                    "type": "quantitative",
                    "scale": {"scheme": _CELLS},
                    "legend": {"title": "cosine", "orient": "right", "gradientLength": 160},
                },
                "tooltip": _tooltips(("text", "text"), ("other", "other"), ("cosine", "cosine")),
            },
        },
        "Similarity of every text to every other; the table below has the same figures",
        height=max(240, min(720, 22 * len(names) + (170 if few else 20))),
    )


def scatter(items: Sequence[InputText], found: Projection2D) -> None:
    """Draw the map with a colour and a shape for each group; beyond eight the smallest share one."""
    groups = _groups(items)
    points = [
        {
            "x": round(float(x), 5),
            "y": round(float(y), 5),
            "text": item.text[:_LONGEST_TOOLTIP],
            "group": item.group or _NO_GROUP,
            "colour": groups.get(item.group, _OTHERS),
            "line": item.line,
        }
        for item, (x, y) in zip(items, found.points, strict=True)
    ]
    size = 90 if len(points) < 200 else 25
    _draw(
        points,
        {
            "mark": {"type": "point", "filled": True, "size": size, "opacity": 0.85},
            "encoding": {
                "x": _axis("x", "first axis", found.explained_variance[0]),
                "y": _axis("y", "second axis", found.explained_variance[1]),
                **(_by_group() if len(groups) > 1 else {}),
                "tooltip": _tooltips(("text", "text"), ("group", "group"), ("line", "line")),
            },
        },
        "Map of the texts in two dimensions; near ones are alike",
        height=460,
    )


def _groups(items: Sequence[InputText]) -> dict[str, str]:
    """Name the groups that get a colour of their own, the largest first."""
    sizes = Counter(item.group for item in items)
    most = len(_GROUPS) if len(sizes) <= len(_GROUPS) else len(_GROUPS) - 1
    return {group: group or _NO_GROUP for group, _ in sizes.most_common(most)}


def _by_group() -> dict[str, Any]:
    legend = {"title": None, "orient": "bottom", "columns": 3}
    shape = {"field": "colour", "type": "nominal", "legend": legend}
    return {"color": {**shape, "scale": {"range": list(_GROUPS)}}, "shape": shape}


def _axis(field: str, name: str, share: float) -> dict[str, Any]:
    title = f"{name} ({share:.0%} of the variance)" if share else name
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": False, "padding": 24},
        "axis": {"labels": False, "ticks": False, "grid": False, "title": title},
    }


def histogram(found: Histogram) -> None:
    """Draw how often each similarity occurs."""
    steps = [
        {"from": round(low, 4), "to": round(high, 4), "pairs": count}
        for low, high, count in zip(found.edges, found.edges[1:], found.counts, strict=False)
    ]
    _draw(
        steps,
        {
            "mark": {"type": "bar", "tooltip": True, "color": _ACCENT},
            "encoding": {
                "x": {"field": "from", "type": "quantitative", "bin": "binned", "title": "cosine similarity"},
                "x2": {"field": "to"},
                "y": {"field": "pairs", "type": "quantitative", "title": "pairs"},
            },
        },
        f"Histogram of similarities, mean {found.mean:.3f}",
        height=320,
    )


def line(points: Sequence[Mapping[str, float | str]]) -> None:
    """Draw how much is kept at fewer dimensions; each point has `dimensions`, `share` and `measure`."""
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
                "color": {
                    "field": "measure",
                    "type": "nominal",
                    "legend": {"title": None, "orient": "bottom"},
                },
                "strokeDash": {
                    "field": "measure",
                    "type": "nominal",
                    "legend": {"title": None, "orient": "bottom"},
                },
            },
        },
        "How much of the order is kept at fewer dimensions",
        height=280,
    )


def _place(field: str, names: Sequence[str], axis: Mapping[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "nominal", "sort": list(names), "axis": dict(axis)}


def _tooltips(*fields: tuple[str, str]) -> list[dict[str, str]]:
    return [{"field": field, "title": title} for field, title in fields]


def _draw(values: Sequence[Mapping[str, Any]], spec: Mapping[str, Any], alt: str, height: int) -> None:
    """Hand the data over inside the specification: a data frame would be no smaller and first be built."""
    st.vega_lite_chart({"data": {"values": list(values)}, **spec}, width="stretch", height=height, alt=alt)
