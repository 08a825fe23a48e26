"""The choice of the API that replies come from, which pages share."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.session import session
from components.session.capability_results import responses_problem
from components.ui.markdown_escape import escape_markdown
from core.apis import APIS, default_api
from core.generation.api_name import ApiName


def selected_api(key: str) -> ApiName:
    """Return the API of the next request; a server without the Responses API gets the other."""
    selected: ApiName = session.widget_value(api_key(key)) or default_api(session.model() or "")
    return "chat.completions" if responses_problem() else selected


def api_key(key: str) -> str:
    """Return the key of the widget, another one for the models whose default is Responses.

    So the choice for those and the choice for all other models do not change each other.
    """
    return f"{key}.responses_only" if default_api(session.model() or "") == "responses" else key


def settings_popover(key: str, api: ApiName) -> DeltaGenerator:
    """Draw the button in the toolbar that opens the settings of requests, which name an unusual API."""
    is_usual = api == default_api(session.model() or "")
    label = "Settings" if is_usual else f"Settings: {APIS[api].label}"
    return st.popover(label, icon=":material/tune:", key=key)


def api_control(key: str) -> None:
    """Draw the choice, with the reason if the server or the model has no other API."""
    model, problem = session.model() or "", responses_problem()
    default = default_api(model)
    st.segmented_control(
        "API",
        [*APIS],
        default=default,
        format_func=lambda name: APIS[name].label,
        help="The endpoint of the request. Replies are the same; requests, responses and events differ. "
        "Default: Responses where the model needs it, else Chat Completions.",
        key=api_key(key),
        persist_state="session",
        required=True,
        disabled=bool(problem),
    )
    if default == "responses":
        st.caption(f"{escape_markdown(model)} is only available in the Responses API.")
    if problem:
        st.caption(escape_markdown(problem))
