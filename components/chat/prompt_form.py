"""Save what the chat is set to as a prompt."""

from collections.abc import Callable

import streamlit as st

from components.chat.parameter_codec import from_controls
from components.session import repositories, session
from core.prompts.prompts import Prompt, PromptMessage

_NAME, _DESCRIPTION, _QUESTION = "saving.name", "saving.description", "saving.question"


def reset_form() -> None:
    """Start the form with the last question of the conversation."""
    session.set_widget_value(_NAME, "")
    session.set_widget_value(_DESCRIPTION, "")
    session.set_widget_value(_QUESTION, _last_question())


def prompt_form(keep: Callable[[Prompt], None]) -> None:
    """Draw it; *keep* gets the prompt."""
    with st.form("saving", border=False):
        st.text_input(
            "Name", key=_NAME, max_chars=100, placeholder="A name that is already there is replaced"
        )
        st.text_input("Description", key=_DESCRIPTION, max_chars=300, placeholder="What it is good for")
        st.text_area(
            "User message",
            key=_QUESTION,
            help="Optional. Write {{name}} where a text is to be filled in each time.",
        )
        st.form_submit_button("Save prompt", type="primary", on_click=_submit, args=(keep,))
    if obstacle := _validation_message():
        st.caption(obstacle)
    st.caption("Instructions")
    st.code(_instructions() or "none", language=None, wrap_lines=True)
    if params := from_controls():
        st.caption("Parameters")
        st.json(params)


def _submit(keep: Callable[[Prompt], None]) -> None:
    if _validation_message():
        return
    messages = [PromptMessage(role="system", content=text) for text in [_instructions()] if text]
    messages += [PromptMessage(role="user", content=text) for text in [_text(_QUESTION)] if text]
    keep(
        Prompt(
            name=_text(_NAME),
            description=_text(_DESCRIPTION),
            messages=tuple(messages),
            params=from_controls(),
        )
    )


def _validation_message() -> str:
    """Say what is missing before the prompt can be saved."""
    if not _text(_NAME):
        return "Give the prompt a name."
    if not _instructions() and not _text(_QUESTION):
        return "There is nothing to save yet: write instructions, or a user message here."
    return ""


def _text(key: str) -> str:
    return str(session.widget_value(key) or "").strip()


def _instructions() -> str:
    return _text(session.INSTRUCTIONS_KEY)


def _last_question() -> str:
    return next(
        (message.text for message in reversed(repositories.current_branch()) if message.role == "user"), ""
    )
