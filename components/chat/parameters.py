"""The controls of the chat page: what is sent besides the messages."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from core.chat.completion import ChatSettings
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

_PREFIX = "chat"
MENU_KEY = f"{_PREFIX}.parameters"


@dataclass(frozen=True, slots=True)
class ParameterControl:
    """A parameter of the API and the widget that sets it; None as its value leaves it to the API."""

    name: str
    label: str
    help: str
    widget: str = "number"
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return session.parameter_key(self.name)


def _number(name: str, label: str, bounds: tuple[float, float], step: float, text: str) -> ParameterControl:
    low, high = bounds
    return ParameterControl(name, label, text, "number", {"min_value": low, "max_value": high, "step": step})


CONTROLS = (
    ParameterControl(
        "reasoning_effort", "Reasoning effort", "How long the model thinks before it replies.", "effort"
    ),
    _number("temperature", "Temperature", (0.0, 2.0), 0.1, "Higher is more varied, 0 nearly repeatable."),
    _number(
        "top_p", "Top p", (0.0, 1.0), 0.05, "Sample from the likeliest tokens of this total probability."
    ),
    _number(
        "max_completion_tokens",
        "Max completion tokens",
        (1, 1_000_000),
        1,
        "Ends the reply, thinking included.",
    ),
    ParameterControl(
        "stop", "Stop sequences", "Up to four texts; the reply ends before the first of them.", "stop"
    ),
    _number("presence_penalty", "Presence penalty", (-2.0, 2.0), 0.1, "Positive: prefer new topics."),
    _number("frequency_penalty", "Frequency penalty", (-2.0, 2.0), 0.1, "Positive: avoid repetition."),
    _number(
        "seed", "Seed", (0, 2**31 - 1), 1, "The same seed asks for the same reply, as far as the server can."
    ),
    _number(
        "n",
        "Answers (n)",
        (1, 8),
        1,
        "Several answers to one question; the others become versions of the reply.",
    ),
    _number(
        "top_logprobs",
        "Top log-probabilities",
        (0, 20),
        1,
        "Return this many alternatives a token (turns logprobs on).",
    ),
    ParameterControl(
        "logit_bias",
        "Logit bias",
        'JSON of token id to bias from -100 to 100, such as {"1734": -100}.',
        "json",
    ),
    ParameterControl(
        "verbosity",
        "Verbosity",
        "How much the model writes.",
        "choice",
        {"options": ["low", "medium", "high"]},
    ),
    ParameterControl(
        "service_tier",
        "Service tier",
        "Cheaper and slower, or dearer and faster.",
        "choice",
        {"options": ["auto", "default", "flex", "priority"]},
    ),
    ParameterControl(
        "response_format",
        "Response format",
        "json_object wants the word JSON in a message.",
        "choice",
        {"options": ["text", "json_object"]},
    ),
    ParameterControl(
        "prompt_cache_key", "Prompt cache key", "Requests with the same key share a cache more often.", "text"
    ),
    ParameterControl(
        "safety_identifier", "Safety identifier", "A stable, hashed name of your end user.", "text"
    ),
)


def stream_toggle() -> bool:
    """Whether the reply comes in pieces. Off, it comes whole, after a wait."""
    return st.toggle(
        "Stream",
        value=True,
        key=f"{_PREFIX}.stream",
        persist_state="session",
        help="On: the reply appears as it is written. Off: nothing until it is complete.",
    )


def parameters_menu(stream: bool) -> ChatSettings:
    """Draw instructions and parameters behind one button, and return what will be sent.

    The two dozen elements are drawn while the menu is open only; their values outlive that.
    """
    model = session.model() or ""
    menu = st.popover("Parameters", icon=":material/tune:", on_change="rerun", key=MENU_KEY)
    with menu:
        if menu.open:
            _draw_instructions()
            _draw_controls(model)
    values = control_values()
    logprobs = True if "top_logprobs" in values else None
    instructions = session.widget_value(session.INSTRUCTIONS_KEY) or ""
    return ChatSettings(model=model, stream=stream, instructions=instructions, logprobs=logprobs, **values)


def control_values() -> dict[str, Any]:
    """What the controls are set to, by parameter; what is left to the API is left out."""
    values = {control.name: _value(control) for control in CONTROLS}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _value(control: ParameterControl) -> Any:
    value = session.widget_value(control.key)
    return _parse_logit_bias(value) if control.widget == "json" else value


def _draw_instructions() -> None:
    st.text_area(
        "Instructions",
        key=session.INSTRUCTIONS_KEY,
        persist_state="session",
        placeholder="How the model should behave. Sent as the system or developer message.",
        height=110,
    )


def _draw_controls(model: str) -> None:
    refused = unsupported_parameters(get_model(model), _current())
    columns = st.columns(2)
    for number, control in enumerate(CONTROLS):
        with columns[number % 2]:
            _WIDGETS[control.widget](control, model, refused.get(control.name))
    if reasons := {refused[control.name] for control in CONTROLS if control.name in refused}:
        st.caption("Greyed out: " + " ".join(sorted(reasons)))
    st.button("Reset parameters", on_click=reset_parameters, icon=":material/restart_alt:")


def reset_parameters() -> None:
    """Leave every parameter to the API again."""
    for control in CONTROLS:
        session.set_widget_value(
            control.key,
            [] if control.widget == "stop" else "" if control.widget in ("text", "json") else None,
        )


def _current() -> dict[str, Any]:
    return {"reasoning_effort": session.widget_value(session.parameter_key("reasoning_effort"))}


def _common(control: ParameterControl, refused: str | None) -> dict[str, Any]:
    shown = f"{refused} {control.help}" if refused else control.help
    return {"key": control.key, "help": shown, "disabled": bool(refused), "persist_state": "session"}


def _draw_number(control: ParameterControl, _model: str, refused: str | None) -> None:
    st.number_input(
        control.label, value=None, placeholder="default", **control.options, **_common(control, refused)
    )


def _draw_choice(control: ParameterControl, _model: str, refused: str | None) -> None:
    st.selectbox(
        control.label, index=None, placeholder="default", **control.options, **_common(control, refused)
    )


def _draw_effort(control: ParameterControl, model: str, refused: str | None) -> None:
    efforts = list(get_model(model).efforts)
    if (kept := session.widget_value(control.key)) and kept not in efforts:
        efforts.append(kept)  # kept for the model it was chosen for, and not sent to this one
    st.selectbox(
        control.label,
        efforts,
        index=None,
        placeholder="default",
        **_common(control, refused and (None if get_model(model).efforts else refused)),
    )


def _draw_stop(control: ParameterControl, _model: str, refused: str | None) -> None:
    st.multiselect(
        control.label,
        [],
        accept_new_options=True,
        max_selections=4,
        placeholder="none",
        **_common(control, refused),
    )


def _draw_text_input(control: ParameterControl, _model: str, refused: str | None) -> None:
    st.text_input(control.label, placeholder="none", **_common(control, refused))


def _draw_json(control: ParameterControl, model: str, refused: str | None) -> None:
    _draw_text_input(control, model, refused)
    if session.widget_value(control.key) and _parse_logit_bias(session.widget_value(control.key)) is None:
        st.error('Not a JSON object of numbers, such as {"1734": -100}. It is not sent.')


def _parse_logit_bias(text: str | None) -> dict[str, int] | None:
    """Read the logit biases; None for what is no JSON object of numbers."""
    try:
        return {str(token): int(bias) for token, bias in json.loads(text or "{}").items()}
    except (ValueError, AttributeError, TypeError):
        return None


_WIDGETS: dict[str, Callable[[ParameterControl, str, str | None], None]] = {
    "number": _draw_number,
    "choice": _draw_choice,
    "effort": _draw_effort,
    "stop": _draw_stop,
    "text": _draw_text_input,
    "json": _draw_json,
}
