"""The form that saves the instructions and parameters of the chat as a prompt."""

from collections.abc import Callable

import streamlit as st

from components.chat.parameter_codec import from_controls
from components.session import repositories, session
from core.prompts.prompts import Prompt, PromptMessage

_NAME_KEY = "prompt_form.name"
_DESCRIPTION_KEY = "prompt_form.description"
_MESSAGE_KEY = "prompt_form.message"


def reset_form() -> None:
    """Empty the form, with the last user message of the conversation as its user message."""
    messages = reversed(repositories.current_branch())
    session.set_widget_value(_NAME_KEY, "")
    session.set_widget_value(_DESCRIPTION_KEY, "")
    session.set_widget_value(
        _MESSAGE_KEY, next((message.text for message in messages if message.role == "user"), "")
    )


def prompt_form(on_save: Callable[[Prompt], None]) -> None:
    """Draw the form, and call *on_save* with the prompt when it is submitted and valid."""

    def submit() -> None:
        if _validation_message():
            return
        contents = (("system", _text(session.INSTRUCTIONS_KEY)), ("user", _text(_MESSAGE_KEY)))
        messages = [{"role": role, "content": content} for role, content in contents if content]
        on_save(
            Prompt(
                name=_text(_NAME_KEY),
                description=_text(_DESCRIPTION_KEY),
                messages=tuple(map(PromptMessage.model_validate, messages)),
                params=from_controls(),
            )
        )

    with st.form("prompt_form", border=False):
        st.text_input(
            "Name",
            key=_NAME_KEY,
            max_chars=100,
            placeholder="A saved prompt with the same name is replaced",
        )
        st.text_input(
            "Description", key=_DESCRIPTION_KEY, max_chars=300, placeholder="What the prompt is for"
        )
        st.text_area("User message", key=_MESSAGE_KEY, help="Optional. Use {{name}} for a variable.")
        st.form_submit_button("Save prompt", type="primary", on_click=submit)
    if message := _validation_message():
        st.caption(message)
    st.caption("Instructions")
    st.code(_text(session.INSTRUCTIONS_KEY) or "none", language=None, wrap_lines=True)
    if params := from_controls():
        st.caption("Parameters")
        st.json(params)


def _validation_message() -> str:
    """Return what is missing before the prompt can be saved, or an empty text."""
    if not _text(_NAME_KEY):
        return "Enter a name."
    if not _text(session.INSTRUCTIONS_KEY) and not _text(_MESSAGE_KEY):
        return "Nothing to save yet. Enter instructions or a user message."
    return ""


def _text(key: str) -> str:
    return str(session.widget_value(key) or "").strip()
