"""One prompt: its variables to fill in, the messages they make, and the button that puts them to use."""

import json
from typing import Any

import streamlit as st

from components.chat import parameters
from components.chat.parameter_codec import to_controls
from components.session import repositories, session
from components.ui.markdown_escape import escape_markdown
from core.prompts.prompts import Prompt, RenderedPrompt

_ROLES = {"system": "Instructions", "developer": "Instructions", "user": "User", "assistant": "Assistant"}
_LONG_TEXT = 60


def prompt_view(prompt: Prompt, key: str) -> bool:
    """Draw *prompt* with widgets under *key*; return whether it was put to use just now."""
    st.header(escape_markdown(prompt.name), anchor=False)
    if prompt.description:
        st.caption(escape_markdown(prompt.description))
    _variables(prompt, key)
    filled = prompt.render(_values(prompt, key))
    _remarks(filled)
    used = _use_buttons(prompt, key)
    for message in filled.messages:
        st.caption(_ROLES[message["role"]])
        st.code(message["content"], language=None, wrap_lines=True)
    _parameters(prompt)
    return used


def _variables(prompt: Prompt, key: str) -> None:
    for name in prompt.variable_names():
        start = prompt.variables.get(name, "")
        draw = st.text_area if len(start) > _LONG_TEXT or "\n" in start else st.text_input
        draw(escape_markdown(name), start, key=_key(prompt, key, name), placeholder=f"Text for {name}")


def _key(prompt: Prompt, key: str, name: str) -> str:
    return f"{key}.{prompt.name}.{name}"


def _values(prompt: Prompt, key: str) -> dict[str, str]:
    return {
        name: str(session.widget_value(_key(prompt, key, name)) or "") for name in prompt.variable_names()
    }


def _remarks(filled: RenderedPrompt) -> None:
    if filled.missing:
        names = ", ".join(escape_markdown(f"{{{{{name}}}}}") for name in filled.missing)
        st.warning(f"Without text, and sent as written: {names}", icon=":material/edit_note:")
    if filled.unused:
        st.caption(f"In no message, so not used: {', '.join(map(escape_markdown, filled.unused))}")
    if count := len(_examples(filled)):
        st.caption(f"Its first {count} messages become the beginning of a new conversation.")


def _use_buttons(prompt: Prompt, key: str) -> bool:
    """With examples there is a single way to use a prompt: they come before all else."""
    has_examples = bool(_examples(prompt.render()))
    with st.container(horizontal=True, gap="xsmall"):
        here = not has_examples and st.button(
            "Use", type="primary", on_click=_use, args=(prompt, key, False), key=f"{key}.use"
        )
        anew = st.button(
            "Use in a new conversation",
            type="primary" if has_examples else "secondary",
            on_click=_use,
            args=(prompt, key, True),
            key=f"{key}.use_anew",
        )
    return here or anew


def _use(prompt: Prompt, key: str, anew: bool) -> None:
    """Set the controls and the composer; nothing is sent."""
    filled = prompt.render(_values(prompt, key))
    if anew:
        session.open_conversation(_begun_with(_examples(filled), prompt.name))
    parameters.reset_parameters()
    for control, value in to_controls(prompt.params)[0].items():
        session.set_widget_value(control, value)
    session.set_widget_value(session.INSTRUCTIONS_KEY, _instructions(filled))
    session.set_draft(_question(filled))


def _instructions(filled: RenderedPrompt) -> str:
    return "\n\n".join(m["content"] for m in filled.messages if m["role"] in ("system", "developer"))


def _spoken(filled: RenderedPrompt) -> list[dict[str, str]]:
    return [message for message in filled.messages if message["role"] in ("user", "assistant")]


def _question(filled: RenderedPrompt) -> str:
    """The user message that ends the prompt, if one does."""
    last = (_spoken(filled) or [{"role": "", "content": ""}])[-1]
    return last["content"] if last["role"] == "user" else ""


def _examples(filled: RenderedPrompt) -> list[dict[str, str]]:
    """Everything said before the question."""
    spoken = _spoken(filled)
    return spoken[:-1] if _question(filled) else spoken


def _begun_with(examples: list[dict[str, str]], title: str) -> str | None:
    if not examples:
        return None
    conversations = repositories.conversation_repository()
    made, parent = conversations.create(title), None
    for message in examples:
        parent = conversations.append(made.id, parent, message["role"], message["content"]).id
    return made.id


def _parameters(prompt: Prompt) -> None:
    _, left = to_controls(prompt.params)
    named = {name: value for name, value in prompt.params.items() if name not in left}
    if named:
        st.caption(f"Sets {_listed(named)}. Every other parameter goes back to its default.")
    if left:
        st.caption(f"Has no control on this page, so it is left out: {', '.join(map(escape_markdown, left))}")


def _listed(params: dict[str, Any]) -> str:
    return ", ".join(
        f"{escape_markdown(name)} **{escape_markdown(json.dumps(value, ensure_ascii=False))}**"
        for name, value in params.items()
    )
