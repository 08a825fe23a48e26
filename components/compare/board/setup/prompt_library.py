"""The prompt library beside the settings of a variant: load a prompt, save one, compare both."""

import json
from collections.abc import Callable

import streamlit as st

from components.compare.board.differences import marked_texts
from components.compare.board.session import board_session
from components.session import repositories, session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.compare.variants.variant import Variant
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.prompts.prompts import Prompt, PromptMessage

Replace = Callable[[Variant], None]


def prompt_library(variant: Variant, replace: Replace) -> None:
    """Draw the library for *variant*; *replace* saves the variant with a prompt that was loaded."""
    with st.expander("Prompt library", icon=":material/library_books:"):
        prompts = {prompt.name: prompt for prompt in repositories.prompt_repository().list()}
        chosen = st.selectbox(
            "Saved prompt",
            list(prompts),
            index=list(prompts).index(variant.name) if variant.name in prompts else None,
            placeholder="Choose a prompt",
            key=f"board.prompt.{variant.id}",
        )
        if chosen in prompts:
            _saved(variant, prompts[chosen], replace)
        _save(variant, chosen)


def _saved(variant: Variant, saved: Prompt, replace: Replace) -> None:
    """Draw the version of a saved prompt, what differs from it, and the button that loads it."""
    from core.compare.variants.prompts import prompt_version, variant_from_prompt

    if not (variant.messages or variant.settings.instructions.strip()):
        variant = variant.model_copy(update={"messages": (PromptMessage(role="user", content=""),)})
    current = variant.to_prompt(saved.name)
    st.caption(f"Saved version {prompt_version(saved)} · this variant {prompt_version(current)}")
    if prompt_version(saved) == prompt_version(current):
        st.caption("The variant is the saved version.")
        return
    marked_texts(_text(saved), _text(current))
    if st.button("Load the saved version", icon=":material/download:", key=f"board.prompt.load.{variant.id}"):
        try:
            replace(variant_from_prompt(variant, saved))
        except PlaygroundError as error:
            error_card(explain(error), icon=":material/block:")
            return
        # The widgets of the settings have the values of before.
        board_session().edit(variant.id)
        st.rerun()


def _save(variant: Variant, chosen: str | None) -> None:
    key = f"board.prompt.name.{variant.id}.{chosen}"
    session.with_default(key, chosen or variant.title)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.text_input("Save as", key=key, max_chars=100)
        is_empty = not name.strip() or not variant.to_prompt("prompt").messages
        if st.button(
            "Save", icon=":material/save:", key=f"board.prompt.save.{variant.id}", disabled=is_empty
        ):
            repositories.prompt_repository().save(variant.to_prompt(name.strip()))
            st.toast(f"Saved **{escape_markdown(name.strip())}**.", icon=":material/check:")
            st.rerun(scope="fragment")


def _text(prompt: Prompt) -> str:
    messages = [f"{message.role}\n{message.content}" for message in prompt.messages]
    params = json.dumps(prompt.params, ensure_ascii=False, indent=2, sort_keys=True)
    return "\n\n".join([*messages, params])
