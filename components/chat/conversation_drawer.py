"""The drawer of conversations: search, open, rename, delete, export and import."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components.chat.parameters import clear_prompt
from components.session import repositories, session
from components.ui.formatting import relative_time
from components.ui.json_upload import json_upload
from components.ui.markdown_escape import escape_markdown
from core.conversations.export import export_json, export_markdown
from core.conversations.json_import import import_conversation
from core.conversations.messages import Conversation
from core.errors.types import NotFound

_PAGE_SIZE = 30
_KEY = "conversations"
_SEARCH_KEY = f"{_KEY}.search"
_TITLE_KEY = f"{_KEY}.title"
_UNTITLED = "Untitled"


@dataclass(slots=True)
class _ConversationDrawerState:
    """What the drawer remembers between reruns, and the actions of its buttons."""

    limit: int = _PAGE_SIZE
    renaming_id: str = ""
    deleted: Conversation | None = None
    deleted_was_open: bool = False

    def load_more(self) -> None:
        self.limit += _PAGE_SIZE

    def run_action(self, conversation: Conversation) -> None:
        """Run the selected entry of the row's menu: show the rename form, or delete the conversation."""
        if session.widget_value(f"{_KEY}.actions.{conversation.id}") == "Rename":
            self.renaming_id = conversation.id
            session.set_widget_value(_TITLE_KEY, conversation.title)
            return
        repositories.conversation_repository().delete(conversation.id)
        self.deleted = conversation
        self.deleted_was_open = conversation.id == session.conversation()
        if self.deleted_was_open:
            session.open_conversation()

    def save_title(self, conversation_id: str) -> None:
        title = str(session.widget_value(_TITLE_KEY) or "").strip()
        if title:
            repositories.conversation_repository().rename(conversation_id, title)
        self.cancel_rename()

    def cancel_rename(self) -> None:
        self.renaming_id = ""

    def undo_delete(self, conversation_id: str) -> None:
        repositories.conversation_repository().restore(conversation_id)
        if self.deleted_was_open:
            session.open_conversation(conversation_id)
        self.deleted = None


def buttons() -> None:
    """Draw "New" and "Conversations", which opens the drawer."""
    st.button(
        "New",
        icon=":material/edit_square:",
        on_click=_start_conversation,
        key=f"{_KEY}.new",
        help="New conversation",
    )
    if st.button(
        "Conversations",
        icon=":material/history:",
        key=f"{_KEY}.drawer",
        help="Search, open, rename, delete, export, import",
    ):
        _drawer()


def _start_conversation() -> None:
    """Open a new conversation. A prompt that was used belongs to the conversation before."""
    clear_prompt()
    session.open_conversation()


@st.dialog("Conversations", position="left", icon=":material/history:", on_dismiss="rerun")
def _drawer() -> None:
    state = session.session_object(_ConversationDrawerState)
    search = st.text_input(
        "Search",
        key=_SEARCH_KEY,
        type="search",
        live=True,  # a duration such as "300ms" would make Streamlit import pandas
        placeholder="Search titles and messages",
        label_visibility="collapsed",
    )
    if state.deleted:
        with st.container(horizontal=True, vertical_alignment="center", border=True, wrap=False):
            st.markdown(f"Deleted “{_display_title(state.deleted)}”.", width="stretch")
            st.button("Undo", on_click=state.undo_delete, args=(state.deleted.id,), key=f"{_KEY}.undo")
    # One more than is shown tells whether there are more to load.
    conversations = repositories.conversation_repository().list(search or "", state.limit + 1)
    if conversations:
        _conversation_list(conversations[: state.limit], state)
    elif search and search.strip():
        st.caption(f":material/search_off: No conversations match “{escape_markdown(search)}”.")
    else:
        st.caption(":material/forum: No conversations yet. Send a message to start one.")
    if len(conversations) > state.limit:
        st.button("Load more", on_click=state.load_more, width="stretch", key=f"{_KEY}.more")
    st.divider()
    _export_buttons()
    with st.expander("Import a conversation", icon=":material/upload:"):
        if json_upload("JSON file exported from this app", f"{_KEY}.import", _import):
            st.rerun()


def _conversation_list(conversations: Sequence[Conversation], state: _ConversationDrawerState) -> None:
    stats = repositories.conversation_stats([conversation.id for conversation in conversations])
    now = datetime.now(UTC)
    with st.container(key=f"{_KEY}-list", gap=None):
        for conversation in conversations:
            if conversation.id == state.renaming_id:
                with (
                    st.form(f"{_KEY}.rename", border=False),
                    st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"),
                ):
                    st.text_input("Title", key=_TITLE_KEY, max_chars=200, label_visibility="collapsed")
                    st.form_submit_button(
                        "Save", on_click=state.save_title, args=(conversation.id,), type="primary"
                    )
                    st.form_submit_button("Cancel", on_click=state.cancel_rename)
            elif conversation.id in stats:
                count = stats[conversation.id].message_count
                age = relative_time(stats[conversation.id].last_message_at, now)
                _row(conversation, f":material/chat_bubble: {count} · {age}", state)
            else:
                _row(conversation, relative_time(conversation.created_at, now), state)


def _row(conversation: Conversation, details: str, state: _ConversationDrawerState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", wrap=False):
        clicked = st.button(
            _display_title(conversation),
            key=f"{_KEY}.open.{conversation.id}",
            type="secondary" if conversation.id == session.conversation() else "tertiary",
            width="stretch",
            on_click=session.open_conversation,
            args=(conversation.id,),
            wrap=False,
        )
        st.caption(details, width="content")
        st.menu_button(
            "More actions",
            ("Rename", "Delete"),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"{_KEY}.actions.{conversation.id}",
            on_click=state.run_action,
            args=(conversation,),
        )
    if clicked:
        # A rerun of the whole page, unlike the dialog's own, closes the dialog.
        st.rerun()


def _display_title(conversation: Conversation) -> str:
    return escape_markdown(conversation.title) or _UNTITLED


def _export_buttons() -> None:
    """Draw the downloads of the open conversation, if it has been saved."""
    conversations, runs = repositories.conversation_repository(), repositories.run_repository()
    try:
        conversation = conversations.get(session.conversation())
    except NotFound:
        return

    def export(file_format: str) -> str:
        messages = conversations.messages(conversation.id)
        runs_by_id = runs.get_many([message.run_id for message in messages if message.run_id])
        if file_format == "md":
            return export_markdown(conversation, conversations.branch(conversation.id), runs_by_id)
        return export_json(conversation, messages, list(runs_by_id.values()))

    name = re.sub(r"\W+", "-", conversation.title).strip("-")[:60] or "conversation"
    st.caption("Export this conversation")
    with st.container(horizontal=True, gap="xsmall"):
        for label, file_format in (("Markdown", "md"), ("JSON", "json")):
            st.download_button(
                label,
                partial(export, file_format),
                f"{name}.{file_format}",
                on_click="ignore",
                icon=":material/download:",
                key=f"{_KEY}.export.{file_format}",
            )


def _import(text: str) -> str:
    conversation = import_conversation(text, repositories.conversation_repository())
    session.open_conversation(conversation.id)
    return f"Imported “{_display_title(conversation)}”."
