"""Conversion between the API's parameters and the chat controls."""

from collections.abc import Mapping
from typing import Any

from components.chat.parameters import control_values
from components.ui.parameters import CONTROLS


def to_controls(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the widget values of *params* by key, and the names of those that no control can hold."""
    controls = {control.name: control for control in CONTROLS}
    widget_values: dict[str, Any] = {}
    unsupported = []
    for name, value in params.items():
        control = controls.get(name)
        widget_value = control.to_widget_value(value) if control else None
        if control is None or widget_value is None:
            unsupported.append(name)
        else:
            widget_values[control.key] = widget_value
    return widget_values, unsupported


def from_controls() -> dict[str, Any]:
    """Return the parameters that are set, as the API takes them."""
    params = control_values()
    if format_type := params.pop("response_format", None):
        params["response_format"] = {"type": format_type}
    return params
