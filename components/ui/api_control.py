"""The choice of the API that replies come from, which pages share."""

import streamlit as st

from components.session import session
from components.session.capability_results import responses_problem
from components.ui.markdown_escape import escape_markdown
from core.apis import APIS
from core.generation.api_name import ApiName


def selected_api(key: str) -> ApiName:
    """Return the API of the next request; a server without the Responses API gets the other."""
    selected: ApiName = session.widget_value(key) or "chat.completions"
    return "chat.completions" if responses_problem() else selected


def api_control(key: str) -> None:
    """Draw the choice, with the reason if the server has no other API."""
    problem = responses_problem()
    st.segmented_control(
        "API",
        [*APIS],
        default="chat.completions",
        format_func=lambda name: APIS[name].label,
        help="The endpoint of the request. Replies are the same; requests, responses and events differ.",
        key=key,
        persist_state="session",
        required=True,
        disabled=bool(problem),
    )
    if problem:
        st.caption(escape_markdown(problem))
