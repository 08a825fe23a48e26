"""The buttons of Chat for conversations and prompts: a row, or a menu where there is no room for labels."""

import streamlit as st

from components.chat import conversation_drawer, prompt_drawer
from components.session import session

_MENU_KEY = "chat.menu"
_NEW, _CONVERSATIONS, _PROMPTS = "New conversation", "Conversations", "Prompts"


def toolbar_buttons() -> None:
    """Draw the buttons and the menu; the stylesheet shows one of the two, by the width of the page."""
    conversation_drawer.buttons()
    prompt_drawer.button()
    chosen = st.menu_button(
        "More",
        [_NEW, _CONVERSATIONS, _PROMPTS],
        icon=":material/menu:",
        key=_MENU_KEY,
        on_click=_start_conversation,
    )
    if chosen == _CONVERSATIONS:
        conversation_drawer.open_drawer()
    elif chosen == _PROMPTS:
        prompt_drawer.open_drawer()


def _start_conversation() -> None:
    """Start a conversation before the page is drawn, because that empties controls which a prompt has set."""
    if session.widget_value(_MENU_KEY) == _NEW:
        conversation_drawer.start_conversation()
