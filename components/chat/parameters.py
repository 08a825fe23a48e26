"""The parameters of the chat page: everything of a request except the conversation."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from components.ui.api_control import api_control, api_key, selected_api
from components.ui.markdown_escape import escape_markdown
from components.ui.parameter_controls import ParameterSupport
from components.ui.parameters import CONTROLS
from components.ui.state_control import selected_state, state_control
from core.apis import APIS, default_api
from core.completions.request import ChatSettings, ConversationState
from core.generation.api_name import ApiName
from core.models.catalog import Model, get_model
from core.models.parameter_support import unsupported_include, unsupported_parameters

_PREFIX = "chat"
MENU_KEY = f"{_PREFIX}.parameters"
_API_KEY = f"{_PREFIX}.api"
_STATE_KEY = f"{_PREFIX}.state"
_MAX_SHOWN = 80  # characters of a value


def parameters_menu(stream: bool) -> ChatSettings:
    """Draw the menu with the instructions and parameters, and return the settings of the next request."""
    model = session.model() or ""
    menu = st.popover("Parameters", icon=":material/tune:", on_change="rerun", key=MENU_KEY)
    # Drawing two dozen widgets takes time, so a closed menu is empty. The session stores their values.
    if menu.open:
        with menu:
            _draw_controls(model)
    values = control_values()
    instructions = session.widget_value(session.INSTRUCTIONS_KEY) or ""
    return ChatSettings(
        model=model,
        api=selected_api(_API_KEY),
        state=selected_state(_STATE_KEY),
        stream=stream,
        instructions=instructions,
        logprobs=True if "top_logprobs" in values else None,
        **values,
    )


def chosen_settings() -> None:
    """Draw the instructions and every parameter that is sent, each with a button.

    They stay set in other conversations, so they have to be visible while the menu is closed. The button of
    the instructions is drawn without any too: there a person learns that there can be a system message.
    """
    instructions = " ".join((session.widget_value(session.INSTRUCTIONS_KEY) or "").split())
    model, values = get_model(session.model() or ""), control_values()
    api, usual_api = selected_api(_API_KEY), default_api(model.id)
    for name in _unsupported(model, api):
        values.pop(name, None)
    with st.container(horizontal=True, gap="xsmall", key="chat-settings"):
        label = instructions if len(instructions) <= _MAX_SHOWN else f"{instructions[:_MAX_SHOWN]}…"
        st.button(
            f"Instructions: {escape_markdown(label)}" if instructions else "Add instructions",
            key="chat.open_instructions",
            help="The system message of each request",
            on_click=_open_menu,
            type="tertiary",
        )
        if api != usual_api:
            _chip(f"{APIS[api].label} API", "chat.clear_api", api_key(_API_KEY), usual_api)
        if api == "responses" and selected_state(_STATE_KEY) == "previous_response_id":
            _chip("previous_response_id", "chat.clear_state", _STATE_KEY, "messages")
        for control in CONTROLS:
            if control.name in values:
                label = f"{control.label} {_value_text(values[control.name])}"
                _chip(label, f"chat.clear.{control.name}", control.key, control.empty_value)


def _value_text(value: Any) -> str:
    items = value if isinstance(value, list | tuple) else [value]
    texts = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items)
    return escape_markdown(", ".join(texts)[:_MAX_SHOWN])


def _chip(label: str, key: str, widget_key: str, empty_value: Any) -> None:
    st.button(
        label,
        key=key,
        help="Reset to the default",
        on_click=session.set_widget_value,
        args=(widget_key, empty_value),
        icon=":material/close:",
        icon_position="right",
        type="tertiary",
    )


def _open_menu() -> None:
    session.set_widget_value(MENU_KEY, True)


def _draw_api() -> ApiName:
    api_control(_API_KEY)
    if selected_api(_API_KEY) == "responses":
        state_control(_STATE_KEY)
    return selected_api(_API_KEY)


def _unsupported(model: Model, api: ApiName) -> dict[str, str]:
    """Return why parameters are not sent, by name."""
    effort = session.widget_value(f"{_PREFIX}.reasoning_effort")
    return unsupported_parameters(model, {"reasoning_effort": effort}) | dict(APIS[api].unsupported)


def _draw_controls(model_id: str) -> None:
    api = APIS[_draw_api()]
    st.text_area(
        "Instructions",
        key=session.INSTRUCTIONS_KEY,
        persist_state="session",
        placeholder="How the model should behave. Sent as the system or developer message.",
        height=110,
    )
    model = get_model(model_id)
    unsupported = _unsupported(model, api.name)
    options = {"include": unsupported_include(model)}
    columns = st.columns(2)
    for number, control in enumerate(CONTROLS):
        name = control.name
        with columns[number % 2]:
            minimum = api.minimums.get(name)
            control.draw(
                ParameterSupport(unsupported.get(name), model.efforts, minimum, options.get(name, {}))
            )
    if reasons := {unsupported[control.name] for control in CONTROLS if control.name in unsupported}:
        st.caption("Disabled: " + " ".join(sorted(reasons)))
    st.button("Reset parameters", on_click=reset_parameters, icon=":material/restart_alt:")


def control_values() -> dict[str, Any]:
    """Return the value of each parameter that is set."""
    values = {control.name: control.value() for control in CONTROLS}
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def reset_parameters() -> None:
    """Empty every control."""
    for control in CONTROLS:
        session.set_widget_value(control.key, control.empty_value)


@dataclass(slots=True)
class _AppliedPrompt:
    """What the prompt that was used last has set, by the key of the widget."""

    values: dict[str, Any] = field(default_factory=dict)


def apply_prompt(instructions: str, values: Mapping[str, Any]) -> None:
    """Set the instructions and the controls as a prompt says, and empty all other controls."""
    reset_parameters()
    applied = {**values, session.INSTRUCTIONS_KEY: instructions}
    for key, value in applied.items():
        session.set_widget_value(key, value)
    session.session_object(_AppliedPrompt).values = applied


def choose_api(api: ApiName) -> None:
    session.set_widget_value(_API_KEY, api)


def choose_conversation_state(state: ConversationState) -> None:
    session.set_widget_value(_STATE_KEY, state)


@dataclass(frozen=True, slots=True)
class SettingValues:
    """The values of the controls by key, and which of them a prompt has set."""

    values: Mapping[str, Any]
    applied: Mapping[str, Any]

    def restore(self) -> None:
        for key, value in self.values.items():
            session.set_widget_value(key, value)
        session.session_object(_AppliedPrompt).values = dict(self.applied)


def setting_values() -> SettingValues:
    """Return the present values of the controls, those that were never set as empty."""
    empty_values = {control.key: control.empty_value for control in CONTROLS}
    empty_values |= {session.INSTRUCTIONS_KEY: "", _API_KEY: "chat.completions", _STATE_KEY: "messages"}
    values = {key: session.widget_value(key) for key in empty_values}
    # Not `or`: a temperature of 0 is a value.
    values = {key: empty_values[key] if value is None else value for key, value in values.items()}
    return SettingValues(values, dict(session.session_object(_AppliedPrompt).values))


def clear_prompt() -> None:
    """Empty what a prompt has set, except what the user has changed since."""
    applied = session.session_object(_AppliedPrompt)
    empty_values = {control.key: control.empty_value for control in CONTROLS}
    for key, value in applied.values.items():
        if session.widget_value(key) == value:
            session.set_widget_value(key, empty_values.get(key, ""))
    applied.values = {}
