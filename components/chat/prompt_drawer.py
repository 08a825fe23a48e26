"""The drawer of prompts: those that come with the app, and those that were saved."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.chat import prompt_form, prompt_view
from components.session import repositories, session
from components.ui.json_upload import json_upload
from components.ui.markdown_escape import escape_markdown
from core.prompts.prompts import Prompt, presets, prompts_to_json

_KEY = "prompts"
_SOURCE_KEY = f"{_KEY}.shelf"
_SOURCES = {"saved": "Saved", "en": "English", "ko": "한국어"}


@dataclass(slots=True)
class _PromptDrawerState:
    """Where the drawer stands between two reruns; *undo* holds what was deleted or replaced last."""

    selected: tuple[str, str] | None = None
    is_saving: bool = False
    notice: str = ""
    undo: tuple[Prompt, ...] = ()


def button() -> None:
    """Draw "Prompts", which opens the drawer."""
    told = "Presets and saved prompts"
    if st.button("Prompts", icon=":material/bookmarks:", key=f"{_KEY}.drawer", help=told):
        _drawer()


@st.dialog("Prompts", position="right", icon=":material/bookmarks:")
def _drawer() -> None:
    drawer = session.session_object(_PromptDrawerState)
    chosen = _find(drawer.selected)
    if drawer.is_saving:
        _save()
    elif drawer.selected and chosen:
        _detail(drawer.selected[0], chosen)
    else:
        _shelves(drawer)


def _find(chosen: tuple[str, str] | None) -> Prompt | None:
    if chosen is None:
        return None
    shelf, name = chosen
    if shelf == "saved":
        return repositories.prompt_repository().get(name)
    return next((prompt for prompt in presets() if prompt.name == name), None)


def _shelves(drawer: _PromptDrawerState) -> None:
    """Draw the list of one shelf. It is filled last, as an import below it may add to it."""
    _tell(drawer)
    if session.widget_value(_SOURCE_KEY) is None:
        session.set_widget_value(_SOURCE_KEY, "en")
    shelf = st.segmented_control(
        "Shelf",
        list(_SOURCES),
        format_func=_SOURCES.__getitem__,
        required=True,
        key=_SOURCE_KEY,
        persist_state="session",
        label_visibility="collapsed",
        width="stretch",
    )
    listing = st.container(gap="xsmall", key=f"{_KEY}-list")
    if shelf == "saved":
        _files()
    saved = repositories.prompt_repository().list()
    with listing:
        _list(shelf or "en", saved if shelf == "saved" else [p for p in presets() if p.language == shelf])


def _list(shelf: str, some: Sequence[Prompt]) -> None:
    if not some:
        st.caption(
            ":material/bookmark: No saved prompts yet. Set up the chat as you like it, then save it here."
        )
    for prompt in some:
        with st.container(gap=None):
            st.button(
                f"**{escape_markdown(prompt.name)}**",
                key=f"{_KEY}.choose.{shelf}.{prompt.name}",
                on_click=_choose,
                args=(shelf, prompt.name),
                type="tertiary",
                width="stretch",
            )
            st.caption(escape_markdown(prompt.description))
    st.button(
        "Save current as prompt",
        icon=":material/bookmark_add:",
        on_click=_begin_saving,
        key=f"{_KEY}.begin_saving",
        width="stretch",
    )


def _choose(shelf: str, name: str) -> None:
    drawer = session.session_object(_PromptDrawerState)
    drawer.selected, drawer.notice, drawer.undo = (shelf, name), "", ()


def _begin_saving() -> None:
    session.session_object(_PromptDrawerState).is_saving = True
    prompt_form.reset_form()


def _back() -> None:
    drawer = session.session_object(_PromptDrawerState)
    drawer.selected, drawer.is_saving = None, False


def _detail(shelf: str, prompt: Prompt) -> None:
    st.button(
        "All prompts", icon=":material/arrow_back:", type="tertiary", on_click=_back, key=f"{_KEY}.back"
    )
    if prompt_view.prompt_view(prompt, f"{_KEY}.{shelf}"):
        _back()
        st.rerun()
    if shelf == "saved":
        st.button(
            "Delete this prompt",
            icon=":material/delete:",
            type="tertiary",
            on_click=_delete,
            args=(prompt,),
            key=f"{_KEY}.delete",
        )


def _delete(prompt: Prompt) -> None:
    repositories.prompt_repository().delete(prompt.name)
    _back()
    _say(f"Deleted “{escape_markdown(prompt.name)}”.", prompt)


def _say(told: str, *undo: Prompt) -> None:
    drawer = session.session_object(_PromptDrawerState)
    drawer.notice, drawer.undo = told, undo


def _tell(drawer: _PromptDrawerState) -> None:
    """Say what was done last, with its undo."""
    if not drawer.notice:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, wrap=False):
        st.markdown(drawer.notice, width="stretch")
        if drawer.undo:
            st.button("Undo", on_click=_undo, args=drawer.undo, key=f"{_KEY}.undo")


def _undo(*former: Prompt) -> None:
    repositories.prompt_repository().save(*former)
    _say("")


def _save() -> None:
    st.button(
        "All prompts", icon=":material/arrow_back:", type="tertiary", on_click=_back, key=f"{_KEY}.back"
    )
    prompt_form.prompt_form(_keep)


def _keep(prompt: Prompt) -> None:
    former = repositories.prompt_repository().get(prompt.name)
    repositories.prompt_repository().save(prompt)
    _back()
    session.set_widget_value(_SOURCE_KEY, "saved")
    _say(*_outcome(f"Saved “{escape_markdown(prompt.name)}”", [former] if former else []))


def _outcome(done: str, replaced: Sequence[Prompt]) -> tuple[str, *tuple[Prompt, ...]]:
    if not replaced:
        return (f"{done}.",)
    return f"{done}; the former text of {len(replaced)} was replaced.", *replaced


def _files() -> None:
    """Export of all saved prompts, and import."""
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
        json_upload("A JSON file of prompts. One with the name of a saved prompt replaces it.", _KEY, _import)


def _import(text: str) -> str:
    former = {prompt.name: prompt for prompt in repositories.prompt_repository().list()}
    found = repositories.prompt_repository().import_json(text)
    replaced = [former[prompt.name] for prompt in found if prompt.name in former]
    told, *undo = _outcome(f"Imported {len(found)} prompts", replaced)
    _say(told, *undo)
    return told
