"""The toggle for streaming, which Chat and Vision share."""

import streamlit as st


def stream_toggle() -> bool:
    """Draw the toggle, and return whether the reply is streamed."""
    return st.toggle(
        "Stream",
        value=True,
        key="chat.stream",
        persist_state="session",
        help="On: the reply is shown as it is generated. Off: it is shown when it is complete.",
    )
