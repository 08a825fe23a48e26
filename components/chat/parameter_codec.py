"""The parameters of a prompt, and the chat controls that show them: one into the other."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from components.chat.parameters import CONTROLS, Control, chosen
from core.models.catalog import EFFORTS

_LONGEST = 1_000


def to_controls(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the value of each control that *params* set, by widget key, and the names that none can hold."""
    controls = {control.name: control for control in CONTROLS}
    fitting: dict[str, Any] = {}
    left = []
    for name, value in params.items():
        control = controls.get(name)
        fitted = _FITS[control.widget](control, value) if control else None
        if control is None or fitted is None:
            left.append(name)
        else:
            fitting[control.key] = fitted
    return fitting, left


def from_controls() -> dict[str, Any]:
    """Return what the controls are set to, as the API names and writes it."""
    values = chosen()
    if kind := values.pop("response_format", None):
        values["response_format"] = {"type": kind}
    return values


def _number(control: Control, value: Any) -> float | int | None:
    low, high = control.options["min_value"], control.options["max_value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    if isinstance(low, float):
        return float(value)
    return int(value) if value == int(value) else None


def _choice(control: Control, value: Any) -> str | None:
    if control.name == "response_format" and isinstance(value, dict) and value.keys() == {"type"}:
        value = value["type"]
    return value if value in control.options["options"] else None


def _effort(_control: Control, value: Any) -> str | None:
    return value if value in EFFORTS else None


def _stop(_control: Control, value: Any) -> list[str] | None:
    texts = [value] if isinstance(value, str) else value
    fits = isinstance(texts, list) and len(texts) <= 4 and all(isinstance(text, str) for text in texts)
    return texts if fits else None


def _text(_control: Control, value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST else None


def _json(_control: Control, value: Any) -> str | None:
    fits = isinstance(value, dict) and all(type(bias) is int for bias in value.values())
    return json.dumps(value) if fits else None


_FITS: dict[str, Callable[[Control, Any], Any]] = {
    "number": _number,
    "choice": _choice,
    "effort": _effort,
    "stop": _stop,
    "text": _text,
    "json": _json,
}
