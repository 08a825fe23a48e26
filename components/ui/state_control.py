"""The choice where the earlier messages of a conversation are, which pages share."""

from collections.abc import Mapping

import streamlit as st

from components.session import session
from core.completions.request import ConversationState

STATES: Mapping[ConversationState, str] = {
    "messages": "Send all messages",
    "previous_response_id": "previous_response_id",
}
_REQUESTS: Mapping[ConversationState, str] = {
    "messages": "input=[*messages]",
    "previous_response_id": 'previous_response_id="resp_…",\ninput=[new_message]',
}


def selected_state(key: str) -> ConversationState:
    """Return where the earlier messages of the next request are."""
    state: ConversationState = session.widget_value(key) or "messages"
    return state


def state_control(key: str) -> None:
    """Draw the choice, with the request of each."""
    st.segmented_control(
        "Conversation state",
        [*STATES],
        default="messages",
        format_func=lambda name: STATES[name],
        key=key,
        persist_state="session",
        required=True,
    )
    st.caption(
        "The Responses API stores each reply for at least 30 days, unless Store on the server is off. With "
        "previous_response_id the server adds the stored messages to the new one. Both cost the same input "
        "tokens."
    )
    for column, (state, request) in zip(st.columns(2), _REQUESTS.items(), strict=True):
        column.caption(STATES[state])
        column.code(request, language="python", wrap_lines=True)
