"""The component that shows the tokens of a text while it is typed."""

import json

import streamlit as st

from components.session import session
from components.session.token_session import TokenSession
from components.ui.scripts.component_loader import component_loader

_component = st.components.v2.component(
    "tokenview", html="<div></div>", js=component_loader("tokenview/assets/tokenview.js")
)


def token_view(token_session: TokenSession, label: str) -> None:
    """Draw the selected input and its tokens. The page reruns when the user pauses typing."""
    data = {
        "token": session.live_session().token,
        "kind": token_session.kind,
        "version": token_session.version,
        "options": repr(token_session.options),
        "label": label,
        "editable": token_session.kind != "file",
    }
    _component(
        key="tokenview",
        # Bytes, because for a dict Streamlit imports pandas to check whether it is a data frame.
        data=json.dumps(data).encode(),
        # Registers the trigger that reruns the page; the routes have stored the text already.
        on_changed_change=lambda: None,
    )
