"""The choice of a model: a field that opens a list with prices, context windows and capabilities.

The list is a script of its own, and its rows come from the route `/live/models`, when it is opened: a page
does not wait for either.
"""

import json
from collections.abc import Callable

import streamlit as st

from components.session import session
from components.ui.scripts.component_loader import component_loader

_MAX_ID_LENGTH = 200
SCRIPT = "ui/assets/model-picker.js"

_component = st.components.v2.component("models", html="<div></div>", js=component_loader(SCRIPT))


def model_picker(
    model_id: str,
    status: str = "",
    *,
    label: str = "Model",
    key: str = "sidebar.model_picker",
    server: str | None = None,
    on_choose: Callable[[str], None] | None = None,
) -> None:
    """Draw the field with a model; the choice of another applies from the next run on.

    *status* says in a word or two what concerns its use, such as "deprecated". The models are those of
    *server*, the id of a profile, or else of the active server. Without *on_choose* the model is that of the
    session.
    """
    live_session = session.live_session()
    data = {"token": live_session.token, "label": label, "model": model_id, "status": status}
    if server is not None:
        live_session.profiles = session.profiles()  # for the route of the list
        data["server"] = server
    choose = on_choose or _choose_for_session
    _component(
        key=key,
        data=json.dumps(data).encode(),
        on_model_change=lambda: _choose(key, choose),
        on_changed_change=_rerun,
    )


def _choose(key: str, choose: Callable[[str], None]) -> None:
    # The value comes from the browser: it may be anything.
    if chosen := str(session.widget_value(key).get("model") or "").strip()[:_MAX_ID_LENGTH]:
        choose(chosen)


def _choose_for_session(model_id: str) -> None:
    live_session = session.live_session()
    if model_id not in live_session.models:
        live_session.typed_models.add(model_id)
    session.choose_model(model_id)


def _rerun() -> None:
    """Make Streamlit rerun the page when the browser needs a new token."""
