"""One run: its text, tags and note, where it can be opened, and what was sent and received."""

import streamlit as st

from components.history.labels import STATES, capability_label
from components.history.open_run import open_buttons
from components.history.repositories import history_repository
from components.session import repositories, session
from components.ui.error_card import error_card
from components.ui.formatting import format_cost, format_seconds
from components.ui.inspector import run_inspector
from components.ui.inspector.run_inspector import NO_REQUEST
from components.ui.markdown_escape import escape_markdown
from core.errors.types import NotFound
from core.history.repository import HistoryEntry
from core.history.texts import image_urls, last_text
from core.runs.run import Run

_MAX_TEXT = 20_000
_MAX_IMAGES = 6
_IMAGE_WIDTH = 120
_UNRECORDED = "The request and the response were not recorded, as chosen in Settings."
_IN_MEMORY = "The request and the response are not recorded. They stay in memory until the app exits."


def run_detail(run_id: str) -> None:
    """Draw a run, or that it no longer exists."""
    history = history_repository()
    try:
        run = repositories.run_repository().get(run_id)
    except NotFound:
        run = None
    if run is None or history.deleted([run_id]):
        st.info("This run was deleted.", icon=":material/delete:")
        return
    with st.container(border=True, key="history-run"):
        st.markdown(f"**{capability_label(run.capability)}** :small[{escape_markdown(_facts(run))}]")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            open_buttons(run)
        is_empty = not run.has_content
        if not run.recorded:
            st.info(_UNRECORDED if is_empty else _IN_MEMORY, icon=":material/visibility_off:")
        if not is_empty:
            _texts(run)
        if entry := history.entry(run_id):  # none while it is running
            _annotations(entry)
        if not is_empty:
            run_inspector.run_details(run_id)


def _facts(run: Run) -> str:
    facts = [STATES[run.state], run.model or str(run.params.get("model", "")), run.profile]
    if run.usage:
        facts.append(f"{run.usage.input_tokens:,} input and {run.usage.output_tokens:,} output tokens")
    if run.cost:
        facts.append(format_cost(run.cost))
    if run.total is not None:
        facts.append(format_seconds(run.total))
    return " · ".join(filter(None, facts))


def _texts(run: Run) -> None:
    if run.error:
        error_card(run.error)
    if run.note:
        st.caption(escape_markdown(run.note))
    prompt, reply = st.columns(2)
    with prompt:
        st.caption("Prompt")
        st.text(last_text(run.params)[:_MAX_TEXT] or ("No text." if run.has_request else NO_REQUEST))
        # Not those on other servers, which would learn that somebody looks at them.
        if images := [url for url in image_urls(run.params) if url.startswith("data:image/")]:
            with st.container(horizontal=True, gap="small"):
                for number, url in enumerate(images[:_MAX_IMAGES], 1):
                    st.image(url, width=_IMAGE_WIDTH, alt=f"Image {number} of the prompt")
    with reply:
        st.caption("Reply")
        st.text((run.text or run.refusal)[:_MAX_TEXT] or "No text.")


def _annotations(entry: HistoryEntry) -> None:
    """Draw the tags and the note, which are saved when they change."""
    tags_key, note_key = f"history.tags.{entry.run_id}", f"history.note.{entry.run_id}"
    session.with_default(tags_key, list(entry.tags))
    session.with_default(note_key, entry.note)

    def save_tags() -> None:
        history_repository().set_tags(entry.run_id, session.widget_value(tags_key))

    def save_note() -> None:
        history_repository().set_note(entry.run_id, session.widget_value(note_key))

    tags, note = st.columns(2)
    with tags:
        known = history_repository().values().tags
        st.multiselect(
            "Tags",
            list(dict.fromkeys((*entry.tags, *known))),
            key=tags_key,
            accept_new_options=True,
            placeholder="Add a tag",
            on_change=save_tags,
        )
    with note:
        st.text_input("Note", key=note_key, on_change=save_note, placeholder="Add a note")
