"""Vega-Lite charts of embeddings. Their colours are those for charts in `.streamlit/config.toml`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components.embeddings.point_labels import PLACES, WIDTHS, place_labels
from core.embeddings.inputs import InputText
from core.embeddings.similarity import Histogram
from core.embeddings.vectors import Matrix, Projection2D

_MAX_LABEL_LENGTH = 34
_MAX_TOOLTIP_LENGTH = 140
_MAX_POINT_LABEL_LENGTH = 22
# More cells have no room for their values, and the labels of more points would overlap.
_MAX_CELL_VALUES = 20
_MAX_LABELLED_POINTS = 20
# The theme has as many colours. Groups differ by shape too, for readers with colour blindness.
_LEGEND = {"title": None, "orient": "bottom", "columns": 3}
_MAX_GROUPS = 8
_NO_GROUP, _OTHER_GROUPS = "no group", "other groups"
# Text on the page, and on the lower and the upper part of the theme's sequential colours.
_TEXT_COLOURS = {"light": ("#0e1816", "#0e1816", "#ffffff"), "dark": ("#e6ecea", "#e6ecea", "#0e1816")}
_TEXT_FLIP = 0.64  # of the range, from where on the upper one is easier to read


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
        "labelFlush": False,  # Streamlit's theme would move the first and the last label into the chart
        "title": None,
        "ticks": False,
        "domain": False,
        "grid": False,
    }
    labelled_columns = len(names) <= 30
    _draw(
        cells,
        {
            "layer": _heatmap_layers(
                float(similarity.min()), float(similarity.max()), show_values=len(names) <= _MAX_CELL_VALUES
            ),
            "encoding": {
                "x": _nominal("other", names, {**axis, "labels": labelled_columns, "labelAngle": -60}),
                "y": _nominal("text", names, {**axis, "labels": len(names) <= 60}),
                "tooltip": _tooltips("text", "other", "cosine"),
            },
        },
        "Similarity of every text to every other; the table below has the same values",
        height=max(240, min(720, 22 * len(names) + (170 if labelled_columns else 20))),
    )


def _heatmap_layers(low: float, high: float, *, show_values: bool) -> list[dict[str, Any]]:
    cosine = {"field": "cosine", "type": "quantitative"}
    legend = {"title": "cosine", "orient": "right", "gradientLength": 160}
    colour = {**cosine, "scale": {"domain": [low, high]}, "legend": legend}
    cells = {"mark": {"type": "rect", "tooltip": True}, "encoding": {"color": colour}}
    if not show_values:
        return [cells]
    _, on_low, on_high = _text_colours()
    upper = f"datum.cosine > {low + (high - low) * _TEXT_FLIP}"
    colour = {"condition": {"test": upper, "value": on_high}, "value": on_low}
    text = {**cosine, "format": ".2f"}
    return [cells, {"mark": {"type": "text", "fontSize": 10}, "encoding": {"text": text, "color": colour}}]


def _text_colours() -> tuple[str, str, str]:
    return _TEXT_COLOURS["dark" if st.context.theme.type == "dark" else "light"]


def scatter(inputs: Sequence[InputText], projection: Projection2D) -> None:
    """Draw the projected texts, each group with a colour and a shape; the smallest beyond eight share one."""
    sizes = Counter(item.group for item in inputs)
    max_groups = _MAX_GROUPS if len(sizes) <= _MAX_GROUPS else _MAX_GROUPS - 1
    groups = {group: group or _NO_GROUP for group, _ in sizes.most_common(max_groups)}
    points = [
        {
            "x": round(float(x), 5),
            "y": round(float(y), 5),
            "text": item.text[:_MAX_TOOLTIP_LENGTH],
            "group": item.group or _NO_GROUP,
            "colour": groups.get(item.group, _OTHER_GROUPS),
            "line": item.line,
            "label": label(item, _MAX_POINT_LABEL_LENGTH),
        }
        for item, (x, y) in zip(inputs, projection.points, strict=True)
    ]
    group = {"field": "colour", "type": "nominal", "legend": _LEGEND}
    size = 90 if len(points) < 200 else 25
    layers: list[dict[str, Any]] = [
        {
            "mark": {"type": "point", "filled": True, "size": size, "opacity": 0.85},
            "encoding": {"color": group, "shape": group} if len(groups) > 1 else {},
        }
    ]
    if len(points) <= _MAX_LABELLED_POINTS:
        layers += _point_label_layers(points)
    _draw(
        points,
        {
            "layer": layers,
            "encoding": {
                "x": _projection_axis("x", "first axis", projection.explained_variance[0]),
                "y": _projection_axis("y", "second axis", projection.explained_variance[1]),
                "tooltip": _tooltips("text", "group", "line"),
            },
        },
        "Map of the texts in two dimensions; similar texts are close to each other",
        height=460,
    )


def _point_label_layers(points: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the places of its label at each width to each of *points*, and return a layer for each place."""
    positions, labels = [(point["x"], point["y"]) for point in points], [point["label"] for point in points]
    columns = [place_labels(positions, labels, width) for width in WIDTHS]
    for point, places in zip(points, zip(*columns, strict=True), strict=True):
        # A field for each width: a list does not survive Streamlit's conversion of the data.
        point |= {f"place{width}": place for width, place in zip(WIDTHS, places, strict=True)}
    # Vega's signal `width` is that of the drawn map, without its axes.
    narrow, middle, wide = (f"datum.place{width}" for width in WIDTHS)
    place_at_width = f"(width < {WIDTHS[1]} ? {narrow} : width < {WIDTHS[2]} ? {middle} : {wide})"
    # Clipped, because Vega makes the map narrower for a label that reaches beyond it.
    mark = {"type": "text", "fontSize": 11, "color": _text_colours()[0], "clip": True}
    return [
        {
            "transform": [{"filter": f"{place_at_width} === '{place}'"}],
            "mark": mark | position,
            "encoding": {"text": {"field": "label", "type": "nominal"}},
        }
        for place, position in PLACES.items()
    ]


def _projection_axis(field: str, name: str, explained_variance: float) -> dict[str, Any]:
    title = f"{name} ({explained_variance:.0%} of the variance)" if explained_variance else name
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": False, "padding": 24},
        "axis": {"labels": False, "ticks": False, "grid": True, "title": title},
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
            "mark": {"type": "bar", "tooltip": True},
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
    legend = {"title": None, "orient": "bottom", "symbolType": "stroke"}
    by_measure = {"field": "measure", "type": "nominal", "legend": legend}
    _draw(
        points,
        {
            "mark": {"type": "line", "point": True, "tooltip": True},
            "encoding": {
                "x": {
                    "field": "dimensions",
                    "type": "quantitative",
                    "scale": {"type": "log", "base": 2, "nice": False},
                    "axis": {"values": [point["dimensions"] for point in points], "grid": True},
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
