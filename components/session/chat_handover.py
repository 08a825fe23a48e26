"""A chat request that another page opens in Chat, which sets the controls that only it has."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.session import session
from components.session.repositories import new_conversation
from core.paths import ROOT

if TYPE_CHECKING:
    from core.completions.chat_start import ChatStart


@dataclass(slots=True, eq=False)
class _ChatHandover:
    start: "ChatStart | None" = None


def open_in_chat(start: "ChatStart", title: str) -> None:
    """Go to Chat with a new conversation of the turns of *start*. Nothing is sent."""
    if start.model:
        session.choose_model(start.model)
    session.open_conversation(new_conversation(title, start.turns) if start.turns else None)
    session.set_draft(start.draft)
    session.session_object(_ChatHandover).start = start
    st.switch_page(ROOT / "pages" / "chat.py")


def take_request() -> "ChatStart | None":
    """Return the request that has just been opened, once."""
    pending = session.session_object(_ChatHandover)
    start, pending.start = pending.start, None
    return start
