"""The settings of a conversation: those it had last in this session, else those of its last reply."""

from dataclasses import dataclass, field

import streamlit as st

from components.chat.parameter_codec import to_controls
from components.chat.parameters import (
    SettingValues,
    apply_prompt,
    choose_api,
    choose_conversation_state,
    setting_values,
)
from components.session import repositories, session
from core.apis import api_of
from core.chat.request import conversation_state
from core.completions.chat_start import chat_start
from core.runs.run import Run


@dataclass(slots=True, eq=False)
class _ConversationSettings:
    """The conversation that is open, and by id the settings of those that this session has opened."""

    conversation_id: str = ""
    values: dict[str, SettingValues] = field(default_factory=dict)


def apply_conversation_settings() -> None:
    """Set the controls for a conversation that has just been opened; a new one has those of the last."""
    # A conversation that the URL does not name is new: the first page must not wait for the database.
    is_linked = "c" in st.query_params
    conversation_id = session.conversation()
    state = session.session_object(_ConversationSettings)
    if conversation_id != state.conversation_id:
        if values := state.values.get(conversation_id):
            values.restore()
        elif is_linked and (run := _last_run()):
            _apply_settings(run)
        state.conversation_id = conversation_id
    state.values[conversation_id] = setting_values()


def _last_run() -> Run | None:
    run_ids = [message.run_id for message in repositories.current_branch() if message.run_id]
    return repositories.run_repository().get_many(run_ids[-1:]).get(run_ids[-1]) if run_ids else None


def _apply_settings(run: Run) -> None:
    api = api_of(run.endpoint)
    start = chat_start(api.chat_params(run.params), api.name)
    values, _ = to_controls(start.params)
    # Only the request of Responses has it, so `chat_params` leaves it out.
    included, _ = to_controls({"include": run.params["include"]} if run.params.get("include") else {})
    apply_prompt(start.instructions, {**values, **included})
    choose_api(api.name)
    choose_conversation_state(conversation_state(run))
