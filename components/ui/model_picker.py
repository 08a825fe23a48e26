"""The choice of a model: a field that opens a list with prices, context windows and capabilities.

The list is a script of its own, and its rows come from the route `/live/models`, when it is opened: a page
does not wait for either.
"""

import json

import streamlit as st

from components.session import session
from components.ui.component_loader import component_loader

_KEY = "sidebar.model_picker"
_MAX_ID_LENGTH = 200
SCRIPT = "ui/assets/model-picker.js"

_component = st.components.v2.component("models", html="<div></div>", js=component_loader(SCRIPT))


def model_picker(model_id: str, status: str = "") -> None:
    """Draw the field with the model of the session; the choice of another applies from the next run on.

    *status* says in a word or two what concerns its use, such as "deprecated".
    """
    data = {"token": session.live_session().token, "label": "Model", "model": model_id, "status": status}
    _component(key=_KEY, data=json.dumps(data).encode(), on_model_change=_choose, on_changed_change=_rerun)


def _choose() -> None:
    # The value comes from the browser: it may be anything.
    chosen = str(session.widget_value(_KEY).get("model") or "").strip()[:_MAX_ID_LENGTH]
    if not chosen:
        return
    live_session = session.live_session()
    if chosen not in live_session.models:
        live_session.typed_models.add(chosen)
    session.choose_model(chosen)


def _rerun() -> None:
    """Make Streamlit rerun the page when the browser needs a new token."""
