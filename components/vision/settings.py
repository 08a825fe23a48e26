"""The API of the questions, and where the earlier ones of a follow-up are."""

from dataclasses import replace

from components.ui.api_control import api_control, selected_api, settings_popover
from components.ui.parameter_controls import ParameterSupport
from components.ui.parameters import CONTROLS
from components.ui.state_control import selected_state, state_control
from core.completions.request import ChatSettings

_API_KEY = "vision.api"
_STATE_KEY = "vision.state"
_STORE = replace(next(control for control in CONTROLS if control.name == "store"), prefix="vision")


def request_settings(model: str, stream: bool) -> ChatSettings:
    """Draw the button that opens the API and, for Responses, the conversation state; return the settings."""
    api = selected_api(_API_KEY)
    with settings_popover("vision.settings", api):
        api_control(_API_KEY)
        if api == "responses":
            state_control(_STATE_KEY)
            _STORE.draw(ParameterSupport())
    store = _STORE.value() if api == "responses" else None
    return ChatSettings(model=model, api=api, state=selected_state(_STATE_KEY), stream=stream, store=store)
