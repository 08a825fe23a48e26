"""The drawer of prompts: the presets of the app and the saved prompts."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.chat import prompt_form, prompt_view
from components.session import repositories, session
from components.ui.json_upload import json_upload
from components.ui.markdown_escape import escape_markdown
from core.prompts.prompts import Prompt, presets, prompts_to_json

_KEY = "prompts"
_SOURCE_KEY = f"{_KEY}.source"
_SOURCES = {"saved": "Saved", "en": "English", "ko": "한국어"}


@dataclass(slots=True)
class _PromptDrawerState:
    """What the drawer remembers between reruns, and the actions of its buttons.

    *selected* is the source and the name of the open prompt; *previous* are the prompts that the last action
    deleted or replaced, and that "Undo" saves again.
    """

    selected: tuple[str, str] | None = None
    is_saving: bool = False
    notice: str = ""
    previous: tuple[Prompt, ...] = ()

    def select(self, source: str, name: str) -> None:
        self.selected = (source, name)
        self.notify("")

    def start_saving(self) -> None:
        self.is_saving = True
        prompt_form.reset_form()

    def show_list(self) -> None:
        self.selected, self.is_saving = None, False

    def notify(self, notice: str, previous: Sequence[Prompt] = ()) -> None:
        self.notice, self.previous = notice, tuple(previous)

    def save(self, prompt: Prompt) -> None:
        replaced = repositories.prompt_repository().get(prompt.name)
        repositories.prompt_repository().save(prompt)
        self.show_list()
        session.set_widget_value(_SOURCE_KEY, "saved")
        self.notify(
            f"{'Replaced' if replaced else 'Saved'} “{escape_markdown(prompt.name)}”.",
            [replaced] if replaced else [],
        )

    def delete(self, prompt: Prompt) -> None:
        repositories.prompt_repository().delete(prompt.name)
        self.show_list()
        self.notify(f"Deleted “{escape_markdown(prompt.name)}”.", [prompt])

    def undo(self) -> None:
        repositories.prompt_repository().save(*self.previous)
        self.notify("")

    def import_json(self, text: str) -> str:
        saved = {prompt.name: prompt for prompt in repositories.prompt_repository().list()}
        imported = repositories.prompt_repository().import_json(text)
        replaced = [saved[prompt.name] for prompt in imported if prompt.name in saved]
        notice = f"Imported {len(imported)} prompt{'' if len(imported) == 1 else 's'}"
        notice += f", {len(replaced)} of them replaced." if replaced else "."
        self.notify(notice, replaced)
        return notice


def button() -> None:
    """Draw "Prompts", which opens the drawer."""
    if st.button(
        "Prompts", icon=":material/bookmarks:", key=f"{_KEY}.drawer", help="Presets and saved prompts"
    ):
        open_drawer()


@st.dialog("Prompts", position="right", icon=":material/bookmarks:")
def open_drawer() -> None:
    state = session.session_object(_PromptDrawerState)
    source, name = state.selected or ("", "")
    if source == "saved":
        prompt = repositories.prompt_repository().get(name)
    else:
        prompt = next((preset for preset in presets() if preset.name == name), None)
    if not state.is_saving and prompt is None:
        _prompt_list(state)
        return
    st.button(
        "All prompts",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=state.show_list,
        key=f"{_KEY}.back",
    )
    if state.is_saving or prompt is None:
        prompt_form.prompt_form(state.save)
        return
    if prompt_view.prompt_view(prompt, f"{_KEY}.{source}"):
        state.show_list()
        st.rerun()
    if source == "saved":
        st.button(
            "Delete prompt",
            icon=":material/delete:",
            type="tertiary",
            on_click=state.delete,
            args=(prompt,),
            key=f"{_KEY}.delete",
        )


def _prompt_list(state: _PromptDrawerState) -> None:
    if state.notice:
        with st.container(horizontal=True, vertical_alignment="center", border=True, wrap=False):
            st.markdown(state.notice, width="stretch")
            if state.previous:
                st.button("Undo", on_click=state.undo, key=f"{_KEY}.undo")
    if session.widget_value(_SOURCE_KEY) is None:
        session.set_widget_value(_SOURCE_KEY, "en")
    source = st.segmented_control(
        "Source",
        list(_SOURCES),
        format_func=_SOURCES.__getitem__,
        required=True,
        key=_SOURCE_KEY,
        persist_state="session",
        label_visibility="collapsed",
        width="stretch",
    )
    rows = st.container(gap="xsmall", key=f"{_KEY}-list")
    if source == "saved":
        _files(state)
    # The rows above are filled after the upload below them, which may have added prompts.
    with rows:
        if source == "saved":
            _rows(source, repositories.prompt_repository().list(), state)
        else:
            _rows(source or "en", [preset for preset in presets() if preset.language == source], state)


def _rows(source: str, prompts: Sequence[Prompt], state: _PromptDrawerState) -> None:
    if not prompts:
        st.caption(":material/bookmark: No saved prompts yet. Set up the chat, then save it as a prompt.")
    for prompt in prompts:
        with st.container(gap=None):
            st.button(
                f"**{escape_markdown(prompt.name)}**",
                key=f"{_KEY}.select.{source}.{prompt.name}",
                on_click=state.select,
                args=(source, prompt.name),
                type="tertiary",
                width="stretch",
            )
            st.caption(escape_markdown(prompt.description))
    st.button(
        "Save current settings as prompt",
        icon=":material/bookmark_add:",
        on_click=state.start_saving,
        key=f"{_KEY}.start_saving",
        width="stretch",
    )


def _files(state: _PromptDrawerState) -> None:
    """Draw the export of all saved prompts, and the import."""
    if saved := repositories.prompt_repository().list():
        st.download_button(
            "Export all saved prompts",
            prompts_to_json(saved),
            "prompts.json",
            on_click="ignore",
            icon=":material/download:",
            key=f"{_KEY}.export",
        )
    with st.expander("Import prompts", icon=":material/upload:"):
        json_upload(
            "JSON file of prompts. Saved prompts with the same name are replaced.", _KEY, state.import_json
        )
