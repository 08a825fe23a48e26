"""The component that shows a text as tokens while it is typed."""

import json
from typing import Any

import streamlit as st

from components.ui.component_loader import component_loader
from components.session import session
from components.session.token_session import TokenSession

_component = st.components.v2.component(
    "tokenview", html="<div></div>", js=component_loader("tokenview/assets/tokenview.js")
)


def token_view(sheet: TokenSession, label: str) -> None:
    """Draw what is on the sheet; the page runs again when typing pauses."""
    data = {
        "token": session.live_session().token,
        "kind": sheet.kind,
        "version": sheet.version,
        "choice": repr(sheet.options),
        "label": label,
        "editable": sheet.kind != "file",
    }
    _mount(data)


def _mount(data: dict[str, Any]) -> None:
    # Bytes, because a dict would make Streamlit import pandas to see whether it is a data frame.
    _component(key="tokenview", data=json.dumps(data).encode(), on_changed_change=_noted)


def _noted() -> None:
    """The text itself is on the sheet already."""
