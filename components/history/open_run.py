"""Open a run in the page that it came from, and in other pages."""

import streamlit as st

from components.history.origins import find_origin
from components.session.chat_handover import open_in_chat
from components.session.compare_handover import open_in_compare
from components.session.tokens_handover import open_in_tokens
from core.apis import api_of
from core.completions.chat_start import chat_start
from core.embeddings.request import ENDPOINT as EMBEDDINGS_ENDPOINT
from core.paths import ROOT
from core.runs.run import Run


def open_buttons(run: Run) -> None:
    """Draw a button for each page that can show *run* or its request."""
    origin, query = find_origin(run) or (None, {})
    if origin and st.button(
        origin.label, icon=origin.icon, key=f"history.origin.{run.id}", help="Nothing is sent."
    ):
        st.switch_page(ROOT / "pages" / origin.page, query_params=dict(query))
    chat = {} if run.endpoint == EMBEDDINGS_ENDPOINT else api_of(run.endpoint).chat_params(run.params)
    if not chat.get("messages"):
        return
    if st.button(
        "New conversation from it" if origin and origin.page == "chat.py" else "Open in Chat",
        icon=":material/chat_add_on:",
        key=f"history.chat.{run.id}",
        help="Opens a new conversation with the messages and parameters. Nothing is sent.",
    ):
        open_in_chat(chat_start(chat, api_of(run.endpoint).name), f"History: {run.started_at:%Y-%m-%d %H:%M}")
    if st.button(
        "Open in Compare",
        icon=":material/compare:",
        key=f"history.compare.{run.id}",
        help="Compares the model with another one. Nothing is sent.",
    ):
        open_in_compare(run.id)
    if st.button("Open in Tokens", icon=":material/data_array:", key=f"history.tokens.{run.id}"):
        open_in_tokens(run.id)
