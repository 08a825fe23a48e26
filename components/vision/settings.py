"""The API of the questions, and where the earlier ones of a follow-up are."""

from dataclasses import replace

import streamlit as st

from components.ui.api_control import api_control, selected_api
from components.ui.parameter_controls import ParameterSupport
from components.ui.parameters import CONTROLS
from components.ui.state_control import STATES, selected_state, state_control
from core.completions.request import ChatSettings

_API_KEY = "vision.api"
_STATE_KEY = "vision.state"
_STORE = replace(next(control for control in CONTROLS if control.name == "store"), prefix="vision")


def selected_settings(model: str, stream: bool) -> ChatSettings:
    """Return the settings of the next request, by the API that is selected."""
    api = selected_api(_API_KEY)
    store = _STORE.value() if api == "responses" else None
    return ChatSettings(model=model, api=api, state=selected_state(_STATE_KEY), stream=stream, store=store)


def request_settings(settings: ChatSettings) -> None:
    """Draw the choice of the API and, for Responses, of the conversation state."""
    if settings.api != "responses":
        api_control(_API_KEY)
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="content"):
            api_control(_API_KEY)
        with st.popover(f"State: {STATES[settings.state]}", icon=":material/forum:", key="vision.state.menu"):
            state_control(_STATE_KEY)
            _STORE.draw(ParameterSupport())
