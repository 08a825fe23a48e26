"""Open a run in the page that it came from, and in other pages."""

import json

import streamlit as st

from components.session import repositories, session
from components.session.chat_handover import open_in_chat
from components.session.compare_handover import open_in_compare
from core.completions.chat_start import chat_start
from core.paths import ROOT
from core.runs.run import Run


def open_buttons(run: Run) -> None:
    """Draw a button for each page that can show the request of *run*."""
    conversation_id = repositories.conversation_repository().conversation_of(run.id)
    if conversation_id and st.button(
        "Open conversation", icon=":material/forum:", key=f"history.conversation.{run.id}"
    ):
        session.open_conversation(conversation_id)
        st.switch_page(ROOT / "pages" / "chat.py")
    if (
        run.capability == "extractor"
        and run.recorded
        and st.button("Open in Extractor", icon=":material/data_object:", key=f"history.extractor.{run.id}")
    ):
        st.switch_page(ROOT / "pages" / "extractor.py", query_params={"runs": run.id})
    if not run.params.get("messages"):
        return
    if st.button(
        "Open in Chat" if not conversation_id else "New conversation from it",
        icon=":material/chat_add_on:",
        key=f"history.chat.{run.id}",
        help="Opens a new conversation with the messages and parameters. Nothing is sent.",
    ):
        open_in_chat(chat_start(run.params), f"History: {run.started_at:%Y-%m-%d %H:%M}")
    if st.button(
        "Open in Compare",
        icon=":material/compare:",
        key=f"history.compare.{run.id}",
        help="Compares the model with another one. Nothing is sent.",
    ):
        open_in_compare(run.id)
    if st.button("Open in Tokens", icon=":material/data_array:", key=f"history.tokens.{run.id}"):
        _open_in_tokens(run)


def _open_in_tokens(run: Run) -> None:
    request = {
        name: run.params[name] for name in ("messages", "tools", "response_format") if name in run.params
    }
    token_session = session.live_session().token_session
    token_session.replace_text("request", json.dumps(request, ensure_ascii=False, indent=2))
    token_session.select("request", token_session.options)
    st.switch_page(ROOT / "pages" / "tokens.py")
