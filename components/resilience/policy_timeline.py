"""The requests of each policy and the waits between them, on one time axis."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from core.resilience.attempts import HttpAttempt
    from core.resilience.failures.experiment import PolicyRun

# Of the theme's colours for charts. The outcomes differ by shape too.
_OUTCOMES = {"reply": ("#14938a", "circle"), "error": ("#c0504d", "cross"), "cut": ("#d97706", "triangle")}
_WAIT_COLOUR = "#8b8b8b"
_ROW_HEIGHT = 52
_CHARACTER_WIDTH = 0.01  # of the axis
_NARROW = 420  # pixels, below which the labels of requests would overlap


def policy_timeline(runs: "Sequence[PolicyRun]") -> None:
    """Draw a row for each policy: requests as bars with their outcome, waits as dashed lines."""
    policies = [run.policy.label for run in runs]
    longest = max((run.seconds for run in runs), default=0.0)
    requests = [request for run in runs for request in _labelled(list(_requests(run)), longest)]
    waits = [wait for run in runs for wait in _waits(run)]
    st.vega_lite_chart(
        {"layer": _layers(requests, waits, _axes(policies))},
        width="stretch",
        height=_ROW_HEIGHT * len(policies) + 60,
        alt="; ".join(_description(run) for run in runs),
    )


def _axes(policies: list[str]) -> dict[str, Any]:
    x = {"type": "quantitative", "scale": {"domainMin": 0}, "axis": {"title": "seconds", "tickCount": 8}}
    # Streamlit's theme would move the first and the last label.
    axis = {"title": None, "labelFlush": False, "labelOverlap": False, "ticks": False, "domain": False}
    y = {"field": "policy", "type": "nominal", "scale": {"domain": policies}, "axis": axis}
    return {"x": x, "y": y}


def _layers(
    requests: list[dict[str, Any]], waits: list[dict[str, Any]], axes: dict[str, Any]
) -> list[dict[str, Any]]:
    ended = [request for request in requests if request["outcome"]]
    span = {**axes, "x": {**axes["x"], "field": "from"}, "x2": {"field": "to"}}
    end = {**axes, "x": {**axes["x"], "field": "to"}}
    text = {**end, "text": {"field": "label", "type": "nominal"}}
    status_mark = {"type": "text", "dy": -16, "fontSize": 11, "color": _WAIT_COLOUR}
    return [
        _layer(waits, {"type": "rule", "strokeDash": [3, 3], "color": _WAIT_COLOUR}, span, "wait"),
        _layer(requests, {"type": "bar", "height": 12, "color": _WAIT_COLOUR, "opacity": 0.45}, span),
        _layer(
            ended, {"type": "point", "filled": True, "size": 110, "opacity": 1}, {**end, **_outcome_scales()}
        ),
        {**_layer(ended, status_mark, text), "transform": [{"filter": f"width > {_NARROW}"}]},
    ]


def _outcome_scales() -> dict[str, Any]:
    names = list(_OUTCOMES)
    colours, shapes = zip(*_OUTCOMES.values(), strict=True)
    field = {"field": "outcome", "type": "nominal"}
    legend = {"title": None, "orient": "bottom"}
    return {
        "color": {**field, "scale": {"domain": names, "range": colours}, "legend": legend},
        "shape": {**field, "scale": {"domain": names, "range": shapes}, "legend": legend},
    }


def _layer(
    values: list[dict[str, Any]], mark: dict[str, Any], encoding: dict[str, Any], detail: str = "status"
) -> dict[str, Any]:
    tooltip = [{"field": name, "title": name} for name in ("policy", "from", "to", detail)]
    return {"data": {"values": values}, "mark": mark, "encoding": {**encoding, "tooltip": tooltip}}


def _requests(run: "PolicyRun") -> Iterator[dict[str, Any]]:
    for attempt in run.attempts:
        end = attempt.ended if attempt.ended is not None else run.seconds
        yield {
            "policy": run.policy.label,
            "from": round(attempt.started, 3),
            "to": round(end, 3),
            "status": attempt_status(attempt),
            "outcome": _outcome(attempt),
        }


def _labelled(requests: list[dict[str, Any]], longest: float) -> list[dict[str, Any]]:
    """Add the status as a label to each request of a row that has room for it on an axis to *longest*."""
    free_from = 0.0
    for request in requests:
        half_width = _CHARACTER_WIDTH * len(request["status"]) * longest / 2
        has_room = request["to"] - half_width >= free_from or free_from == 0
        request["label"] = request["status"] if has_room else ""
        if has_room:
            free_from = request["to"] + half_width
    return requests


def _outcome(attempt: "HttpAttempt") -> str:
    if attempt.ended is None:
        return ""
    if attempt.is_cut:
        return "cut"
    return "reply" if attempt.succeeded else "error"


def attempt_status(attempt: "HttpAttempt") -> str:
    """Return the status of the response and the error of the connection, as far as there are any."""
    status = str(attempt.status) if attempt.status else ""
    if attempt.is_cut and attempt.ended is not None:
        return f"{status} {attempt.error or 'cut'}"
    return " ".join(filter(None, (status, attempt.error))) or "waiting"


def _waits(run: "PolicyRun") -> Iterator[dict[str, Any]]:
    spans = [(first.ended, second.started) for first, second in pairwise(run.attempts)]
    if run.ended is None and run.attempts and run.attempts[-1].ended is not None:
        spans.append((run.attempts[-1].ended, run.seconds))
    for start, end in spans:
        if start is not None:
            yield {
                "policy": run.policy.label,
                "from": round(start, 3),
                "to": round(end, 3),
                "wait": f"{end - start:.2f} s",
            }


def _description(run: "PolicyRun") -> str:
    requests = ", ".join(
        f"{attempt_status(attempt)} after {attempt.ended or run.seconds:.1f} s" for attempt in run.attempts
    )
    return f"{run.policy.label}: {requests or 'no request'}"
