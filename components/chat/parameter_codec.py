"""The parameters of a prompt, and the chat controls that show them: one into the other."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from components.chat.parameters import CONTROLS, ParameterControl, control_values
from core.models.catalog import REASONING_EFFORTS

_MAX_TEXT_LENGTH = 1_000


def to_controls(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the value of each control that *params* set, by widget key, and the names that none can hold."""
    controls = {control.name: control for control in CONTROLS}
    fitting: dict[str, Any] = {}
    left = []
    for name, value in params.items():
        control = controls.get(name)
        fitted = _CONVERTERS[control.widget](control, value) if control else None
        if control is None or fitted is None:
            left.append(name)
        else:
            fitting[control.key] = fitted
    return fitting, left


def from_controls() -> dict[str, Any]:
    """Return what the controls are set to, as the API names and writes it."""
    values = control_values()
    if kind := values.pop("response_format", None):
        values["response_format"] = {"type": kind}
    return values


def _number(control: ParameterControl, value: Any) -> float | int | None:
    low, high = control.options["min_value"], control.options["max_value"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    if isinstance(low, float):
        return float(value)
    return int(value) if value == int(value) else None


def _choice(control: ParameterControl, value: Any) -> str | None:
    if control.name == "response_format" and isinstance(value, dict) and value.keys() == {"type"}:
        value = value["type"]
    return value if value in control.options["options"] else None


def _effort(_control: ParameterControl, value: Any) -> str | None:
    return value if value in REASONING_EFFORTS else None


def _stop(_control: ParameterControl, value: Any) -> list[str] | None:
    texts = [value] if isinstance(value, str) else value
    fits = isinstance(texts, list) and len(texts) <= 4 and all(isinstance(text, str) for text in texts)
    return texts if fits else None


def _text(_control: ParameterControl, value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= _MAX_TEXT_LENGTH else None


def _json(_control: ParameterControl, value: Any) -> str | None:
    fits = isinstance(value, dict) and all(type(bias) is int for bias in value.values())
    return json.dumps(value) if fits else None


_CONVERTERS: dict[str, Callable[[ParameterControl, Any], Any]] = {
    "number": _number,
    "choice": _choice,
    "effort": _effort,
    "stop": _stop,
    "text": _text,
    "json": _json,
}
