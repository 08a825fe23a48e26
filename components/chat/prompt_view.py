"""A single prompt: its variables, its messages, and the buttons that apply it to the chat."""

import json

import streamlit as st

from components.chat.parameter_codec import to_controls
from components.chat.parameters import apply_prompt
from components.session import repositories, session
from components.ui.markdown_escape import escape_markdown
from core.prompts.prompts import Prompt, RenderedPrompt

_ROLE_LABELS = {
    "system": "Instructions",
    "developer": "Instructions",
    "user": "User",
    "assistant": "Assistant",
}
_MULTILINE_LENGTH = 60  # a longer default value gets a text area


def prompt_view(prompt: Prompt, key: str) -> bool:
    """Draw *prompt* with widgets under *key*, and return whether it was just applied to the chat."""
    st.header(escape_markdown(prompt.name), anchor=False)
    if prompt.description:
        st.caption(escape_markdown(prompt.description))
    for name in prompt.variable_names():
        default = prompt.variables.get(name, "")
        is_multiline = len(default) > _MULTILINE_LENGTH or "\n" in default
        draw = st.text_area if is_multiline else st.text_input
        draw(
            escape_markdown(name),
            default,
            key=_variable_key(prompt, key, name),
            placeholder=f"Value of {name}",
        )
    rendered = _render(prompt, key)
    if rendered.missing:
        names = ", ".join(escape_markdown(f"{{{{{name}}}}}") for name in rendered.missing)
        st.warning(f"No value, so the placeholder is sent: {names}", icon=":material/edit_note:")
    if rendered.unused:
        st.caption(f"Variables not used: {', '.join(map(escape_markdown, rendered.unused))}")
    if examples := _split_examples(rendered)[0]:
        st.caption(f"The first {len(examples)} messages start a new conversation.")
    is_applied = _apply_buttons(prompt, key, has_examples=bool(examples))
    for message in rendered.messages:
        st.caption(_ROLE_LABELS[message["role"]])
        st.code(message["content"], language=None, wrap_lines=True)
    _parameters_note(prompt)
    return is_applied


def _parameters_note(prompt: Prompt) -> None:
    _, unsupported = to_controls(prompt.params)
    params = ", ".join(
        f"{escape_markdown(name)} **{escape_markdown(json.dumps(value, ensure_ascii=False))}**"
        for name, value in prompt.params.items()
        if name not in unsupported
    )
    if params:
        st.caption(f"Sets {params}. All other parameters are reset to their defaults.")
    if unsupported:
        names = ", ".join(map(escape_markdown, unsupported))
        st.caption(f"Not available on this page, so left out: {names}")


def _apply_buttons(prompt: Prompt, key: str, *, has_examples: bool) -> bool:
    # Example messages come before all others, so a prompt with examples always starts a new conversation.
    with st.container(horizontal=True, gap="xsmall"):
        in_current = not has_examples and st.button(
            "Use", type="primary", on_click=_apply, args=(prompt, key, False), key=f"{key}.use"
        )
        in_new = st.button(
            "Use in a new conversation",
            type="primary" if has_examples else "secondary",
            on_click=_apply,
            args=(prompt, key, True),
            key=f"{key}.use_in_new",
        )
    return in_current or in_new


def _apply(prompt: Prompt, key: str, new_conversation: bool) -> None:
    """Set the parameters, the instructions and the text in the composer. Nothing is sent."""
    rendered = _render(prompt, key)
    examples, draft = _split_examples(rendered)
    if new_conversation:
        session.open_conversation(repositories.new_conversation(prompt.name, examples) if examples else None)
    instructions = [m["content"] for m in rendered.messages if m["role"] in ("system", "developer")]
    apply_prompt("\n\n".join(instructions), to_controls(prompt.params)[0])
    session.set_draft(draft)


def _variable_key(prompt: Prompt, key: str, name: str) -> str:
    return f"{key}.{prompt.name}.{name}"


def _render(prompt: Prompt, key: str) -> RenderedPrompt:
    """Render *prompt* with the values of its widgets."""
    values = {
        name: session.widget_value(_variable_key(prompt, key, name)) for name in prompt.variable_names()
    }
    return prompt.render({name: str(value or "") for name, value in values.items()})


def _split_examples(rendered: RenderedPrompt) -> tuple[list[dict[str, str]], str]:
    """Split the user and assistant messages into the examples and the text of a final user message."""
    messages = [message for message in rendered.messages if message["role"] in ("user", "assistant")]
    if messages and messages[-1]["role"] == "user" and messages[-1]["content"]:
        return messages[:-1], messages[-1]["content"]
    return messages, ""
