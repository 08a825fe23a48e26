"""The drawer of conversations: find, open, rename and delete them, and carry them as files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components.session import repositories, session
from components.ui.formatting import relative_time
from components.ui.json_upload import json_upload
from components.ui.markdown_escape import escape_markdown
from core.conversations.export import export_json, export_markdown
from core.conversations.json_import import import_conversation
from core.conversations.messages import Conversation, NotFound

if TYPE_CHECKING:
    from core.conversations.stats import ConversationStats

_PAGE_SIZE = 30
_KEY = "conversations"
_SEARCH = f"{_KEY}.search"
_TITLE = f"{_KEY}.title"
_UNTITLED = "Untitled"


@dataclass(slots=True)
class _ConversationDrawerState:
    """Where the drawer stands between two reruns."""

    limit: int = _PAGE_SIZE
    renaming: str = ""
    deleted: Conversation | None = None
    deleted_was_open: bool = False


def buttons() -> None:
    """Draw "New" and "Conversations", which opens the drawer."""
    st.button(
        "New",
        icon=":material/edit_square:",
        on_click=session.open_conversation,
        key=f"{_KEY}.new",
        help="New conversation",
    )
    if st.button(
        "Conversations",
        icon=":material/history:",
        key=f"{_KEY}.drawer",
        help="Find, open, rename, delete, export, import",
    ):
        _drawer()


@st.dialog("Conversations", position="left", icon=":material/history:", on_dismiss="rerun")
def _drawer() -> None:
    search = st.text_input(
        "Search",
        key=_SEARCH,
        type="search",
        live=True,  # a duration in words would make Streamlit import pandas
        placeholder="Search titles and messages",
        label_visibility="collapsed",
    )
    drawer = session.session_object(_ConversationDrawerState)
    _offer_undo(drawer)
    found = repositories.conversation_repository().list(search or "", drawer.limit + 1)
    if found:
        _rows(found[: drawer.limit], drawer)
    else:
        _empty(search or "")
    if len(found) > drawer.limit:
        st.button("Load more", on_click=_load_more, width="stretch", key=f"{_KEY}.more")
    _files()


def _load_more() -> None:
    session.session_object(_ConversationDrawerState).limit += _PAGE_SIZE


def _empty(search: str) -> None:
    if search.strip():
        st.caption(f":material/search_off: Nothing contains “{escape_markdown(search)}”. Try fewer words.")
    else:
        st.caption(":material/forum: No conversations yet. Ask something, and it is kept here.")


def _rows(found: Sequence[Conversation], drawer: _ConversationDrawerState) -> None:
    known = repositories.conversation_stats([conversation.id for conversation in found])
    now, current = datetime.now(UTC), session.conversation()
    with st.container(key=f"{_KEY}-list", gap=None):
        for conversation in found:
            if conversation.id == drawer.renaming:
                _rename_form(conversation)
            else:
                _row(conversation, _facts(conversation, known.get(conversation.id), now), current)


def _row(conversation: Conversation, facts: str, current: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        opened = st.button(
            escape_markdown(conversation.title) or _UNTITLED,
            key=f"{_KEY}.open.{conversation.id}",
            type="secondary" if conversation.id == current else "tertiary",
            width="stretch",
            on_click=session.open_conversation,
            args=(conversation.id,),
            wrap=False,
        )
        st.caption(facts, width="content")
        st.menu_button(
            "Change",
            ("Rename", "Delete"),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"{_KEY}.change.{conversation.id}",
            on_click=_change,
            args=(conversation,),
        )
    if opened:
        st.rerun()


def _facts(conversation: Conversation, known: "ConversationStats | None", now: datetime) -> str:
    if known is None:
        return relative_time(conversation.created_at, now)
    return f":material/chat_bubble: {known.message_count} · {relative_time(known.last_message_at, now)}"


def _change(conversation: Conversation) -> None:
    drawer = session.session_object(_ConversationDrawerState)
    if session.widget_value(f"{_KEY}.change.{conversation.id}") == "Rename":
        drawer.renaming = conversation.id
        session.set_widget_value(_TITLE, conversation.title)
        return
    repositories.conversation_repository().delete(conversation.id)
    drawer.deleted, drawer.deleted_was_open = conversation, conversation.id == session.conversation()
    if drawer.deleted_was_open:
        session.open_conversation()


def _rename_form(conversation: Conversation) -> None:
    with (
        st.form(f"{_KEY}.rename", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"),
    ):
        st.text_input("Title", key=_TITLE, max_chars=200, label_visibility="collapsed")
        st.form_submit_button("Save", on_click=_rename, args=(conversation.id,), type="primary")
        st.form_submit_button("Cancel", on_click=_rename, args=("",))


def _rename(conversation_id: str) -> None:
    session.session_object(_ConversationDrawerState).renaming = ""
    if conversation_id and (title := str(session.widget_value(_TITLE) or "").strip()):
        repositories.conversation_repository().rename(conversation_id, title)


def _offer_undo(drawer: _ConversationDrawerState) -> None:
    if drawer.deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, wrap=False):
        st.markdown(f"Deleted “{escape_markdown(drawer.deleted.title) or _UNTITLED}”.", width="stretch")
        st.button("Undo", on_click=_undo, args=(drawer.deleted.id,), key=f"{_KEY}.undo")


def _undo(conversation_id: str) -> None:
    drawer = session.session_object(_ConversationDrawerState)
    repositories.conversation_repository().restore(conversation_id)
    if drawer.deleted_was_open:
        session.open_conversation(conversation_id)
    drawer.deleted = None


def _files() -> None:
    """Export of the conversation on show, and import."""
    st.divider()
    conversation = _shown()
    if conversation:
        name = _file_name(conversation.title)
        st.caption("Export the open conversation")
        with st.container(horizontal=True, gap="xsmall"):
            _download("Markdown", f"{name}.md", conversation)
            _download("JSON", f"{name}.json", conversation)
    with st.expander("Import a conversation", icon=":material/upload:"):
        if json_upload("A JSON file exported here, or by somebody else", f"{_KEY}.import", _import):
            st.rerun()


def _shown() -> Conversation | None:
    try:
        return repositories.conversation_repository().get(session.conversation())
    except NotFound:
        return None


def _download(label: str, name: str, conversation: Conversation) -> None:
    conversations, runs = repositories.conversation_repository(), repositories.run_repository()

    def write() -> str:
        tree = conversations.messages(conversation.id)
        of_tree = runs.get_many([message.run_id for message in tree if message.run_id])
        if label == "Markdown":
            return export_markdown(conversation, conversations.branch(conversation.id), of_tree)
        return export_json(conversation, tree, list(of_tree.values()))

    st.download_button(
        label, write, name, on_click="ignore", icon=":material/download:", key=f"{_KEY}.save.{label}"
    )


def _file_name(title: str) -> str:
    return re.sub(r"\W+", "-", title).strip("-")[:60] or "conversation"


def _import(text: str) -> str:
    made = import_conversation(text, repositories.conversation_repository())
    session.open_conversation(made.id)
    return f"Imported “{escape_markdown(made.title) or _UNTITLED}”."
