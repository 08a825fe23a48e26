"""The parameters of the chat page: everything of a request except the conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from components.session.capability_results import responses_problem
from components.ui.markdown_escape import escape_markdown
from components.ui.parameter_controls import ParameterSupport
from components.ui.parameters import CONTROLS
from core.apis import APIS
from core.completions.request import ChatSettings, ConversationState
from core.generation.api_name import ApiName
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters

_PREFIX = "chat"
MENU_KEY = f"{_PREFIX}.parameters"
_API_KEY = f"{_PREFIX}.api"
_STATE_KEY = f"{_PREFIX}.state"
_STATES: Mapping[ConversationState, str] = {
    "messages": "Send all messages",
    "previous_response_id": "previous_response_id",
}


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
    # They stay set in other conversations, so they have to be visible while the menu is closed.
    is_responses = _selected_api() == "responses"
    if names := [
        *(["Responses API"] if is_responses else []),
        *(["instructions"] if instructions else []),
        *values,
    ]:
        st.badge(f"{len(names)} set", color="gray", help=f"Set: {', '.join(names)}")
    return ChatSettings(
        model=model,
        api=_selected_api(),
        state=session.widget_value(_STATE_KEY) or "messages",
        stream=stream,
        instructions=instructions,
        logprobs=True if "top_logprobs" in values else None,
        **values,
    )


def _selected_api() -> ApiName:
    """Return the API of the next request; a server without the Responses API gets the other."""
    selected: ApiName = session.widget_value(_API_KEY) or "chat.completions"
    return "chat.completions" if responses_problem() else selected


def _draw_api() -> ApiName:
    problem = responses_problem()
    st.segmented_control(
        "API",
        [*APIS],
        default="chat.completions",
        format_func=lambda name: APIS[name].label,
        help="The endpoint of the request. Replies are the same; requests, responses and events differ.",
        key=_API_KEY,
        persist_state="session",
        required=True,
        disabled=bool(problem),
    )
    if problem:
        st.caption(escape_markdown(problem))
    if _selected_api() == "responses":
        st.segmented_control(
            "Conversation state",
            [*_STATES],
            default="messages",
            format_func=lambda name: _STATES[name],
            help="Send all messages in each request, or only the ID of the previous response, which the "
            "server stores. Both cost the same input tokens.",
            key=_STATE_KEY,
            persist_state="session",
            required=True,
        )
    return _selected_api()


def _draw_controls(model_id: str) -> None:
    api = APIS[_draw_api()]
    st.text_area(
        "Instructions",
        key=session.INSTRUCTIONS_KEY,
        persist_state="session",
        placeholder="How the model should behave. Sent as the system or developer message.",
        height=110,
    )
    effort = session.widget_value(f"{_PREFIX}.reasoning_effort")
    model = get_model(model_id)
    unsupported = unsupported_parameters(model, {"reasoning_effort": effort}) | dict(api.unsupported)
    columns = st.columns(2)
    for number, control in enumerate(CONTROLS):
        with columns[number % 2]:
            control.draw(ParameterSupport(unsupported.get(control.name), model.efforts))
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


def clear_prompt() -> None:
    """Empty what a prompt has set, except what the user has changed since."""
    applied = session.session_object(_AppliedPrompt)
    empty_values = {control.key: control.empty_value for control in CONTROLS}
    for key, value in applied.values.items():
        if session.widget_value(key) == value:
            session.set_widget_value(key, empty_values.get(key, ""))
    applied.values = {}
