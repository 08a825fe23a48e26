"""The drawer of conversations: search, open, pin, rename, delete, export and import."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from components.chat import conversation_export
from components.chat.parameters import clear_prompt
from components.session import repositories, session
from components.ui.formatting import relative_time
from components.ui.icon_html import icon_html
from components.ui.json_upload import json_upload
from components.ui.markdown_escape import escape_markdown
from components.ui.scroll_into_view import scroll_into_view
from core.conversations.date_groups import group_by_date, time_zone
from core.conversations.json_import import import_conversation
from core.conversations.messages import Conversation

_PAGE_ROWS = 30  # the browser draws hundreds of rows in seconds
_KEY = "conversations"
_SEARCH_KEY = f"{_KEY}.search"
_TITLE_KEY = f"{_KEY}.title"
_MESSAGES_ICON = icon_html(":material/chat_bubble:")
_NEWER_KEY = f"{_KEY}-newer"
_UNTITLED = "Untitled"


@dataclass(slots=True)
class _ConversationDrawerState:
    """What the drawer remembers between reruns, and the actions of its buttons."""

    offset: int = 0
    search: str = ""
    renaming_id: str = ""
    exporting_id: str = ""
    deleted: Conversation | None = None
    deleted_was_open: bool = False

    def turn_page(self, step: int) -> None:
        self.offset = max(0, self.offset + step * _PAGE_ROWS)

    def search_for(self, text: str) -> None:
        """Begin at the first page of the conversations that match another *text*."""
        if text != self.search:
            self.search, self.offset = text, 0

    def run_action(self, conversation: Conversation) -> None:
        """Run the selected entry of the row's menu; "Rename" and "Export" show controls in the row."""
        action = session.widget_value(f"{_KEY}.actions.{conversation.id}")
        self.renaming_id = conversation.id if action == "Rename" else ""
        self.exporting_id = conversation.id if action == "Export" else ""
        if action == "Rename":
            session.set_widget_value(_TITLE_KEY, conversation.title)
        elif action in ("Pin", "Unpin"):
            repositories.conversation_repository().pin(conversation.id, action == "Pin")
        elif action == "Delete":
            self._delete(conversation)

    def _delete(self, conversation: Conversation) -> None:
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

    def close_export(self) -> None:
        self.exporting_id = ""

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
        on_click=start_conversation,
        key=f"{_KEY}.new",
        help="New conversation",
    )
    if st.button(
        "Conversations",
        icon=":material/history:",
        key=f"{_KEY}.drawer",
        help="Search, open, pin, rename, delete, export, import",
    ):
        open_drawer()


def start_conversation() -> None:
    """Open a new conversation. A prompt that was used belongs to the conversation before."""
    clear_prompt()
    session.open_conversation()


def _show_first_page() -> None:
    session.session_object(_ConversationDrawerState).offset = 0


@st.dialog("Conversations", position="left", icon=":material/history:", on_dismiss=_show_first_page)
def open_drawer() -> None:
    state = session.session_object(_ConversationDrawerState)
    search = st.text_input(
        "Search",
        key=_SEARCH_KEY,
        type="search",
        live=True,  # a duration such as "300ms" would make Streamlit import pandas
        placeholder="Search titles and messages",
        label_visibility="collapsed",
    )
    with st.expander("Export and import", icon=":material/import_export:"):
        conversation_export.open_conversation_buttons()
        conversation_export.all_conversations_buttons()
        if json_upload("Import a JSON file exported from this app", f"{_KEY}.import", _import):
            st.rerun()
    if state.deleted:
        with st.container(horizontal=True, vertical_alignment="center", border=True, wrap=False):
            st.markdown(f"Deleted “{_display_title(state.deleted)}”.", width="stretch")
            st.button("Undo", on_click=state.undo_delete, args=(state.deleted.id,), key=f"{_KEY}.undo")
    state.search_for(search or "")
    # One more than is shown tells whether there are more.
    conversations = repositories.conversation_repository().list(state.search, _PAGE_ROWS + 1, state.offset)
    if state.offset:
        _newer_button(state)
    if conversations:
        _conversation_list(conversations[:_PAGE_ROWS], state)
    elif search and search.strip():
        st.caption(f":material/search_off: No conversations match “{escape_markdown(search)}”.")
    else:
        st.caption(":material/forum: No conversations yet. Send a message to start one.")
    if len(conversations) > _PAGE_ROWS:
        _page_button("Show older", 1, state)


def _newer_button(state: _ConversationDrawerState) -> None:
    with st.container(key=_NEWER_KEY):
        _page_button("Show newer", -1, state)
        # The button for older ones is at the end of the page before.
        scroll_into_view(_NEWER_KEY, str(state.offset))


def _page_button(label: str, step: int, state: _ConversationDrawerState) -> None:
    key = f"{_KEY}.page.{'older' if step > 0 else 'newer'}"
    st.button(label, on_click=state.turn_page, args=(step,), width="stretch", key=key)


def _conversation_list(conversations: Sequence[Conversation], state: _ConversationDrawerState) -> None:
    counts = repositories.message_counts([conversation.id for conversation in conversations])
    now = datetime.now(UTC)
    with st.container(key=f"{_KEY}-list", gap=None):
        groups = group_by_date(conversations, now, time_zone(st.context.timezone))
        for title, members in groups.items():
            st.html(f"<h3>{title}</h3>")
            for conversation in members:
                if conversation.id == state.renaming_id:
                    _rename_form(conversation, state)
                    continue
                age = relative_time(conversation.used_at, now)
                count = counts.get(conversation.id)
                _row(conversation, f"{_MESSAGES_ICON}{count:,} · {age}" if count else age, state)
                if conversation.id == state.exporting_id:
                    _export_row(conversation, state)


def _rename_form(conversation: Conversation, state: _ConversationDrawerState) -> None:
    with (
        st.form(f"{_KEY}.rename", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"),
    ):
        st.text_input("Title", key=_TITLE_KEY, max_chars=200, label_visibility="collapsed")
        st.form_submit_button("Save", on_click=state.save_title, args=(conversation.id,), type="primary")
        st.form_submit_button("Cancel", on_click=state.cancel_rename)


def _export_row(conversation: Conversation, state: _ConversationDrawerState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"{_KEY}.export_row"):
        conversation_export.download_buttons(conversation, f"{_KEY}.export_row")
        st.button(
            "Close",
            icon=":material/close:",
            type="tertiary",
            on_click=state.close_export,
            key=f"{_KEY}.export_row.close",
        )


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
        st.html(f"<small>{details}</small>", width="content")  # half the time of Markdown for the row
        st.menu_button(
            "More actions",
            ("Unpin" if conversation.pinned else "Pin", "Rename", "Export", "Delete"),
            icon=":material/more_horiz:",
            type="tertiary",
            key=f"{_KEY}.actions.{conversation.id}",
            on_click=state.run_action,
            args=(conversation,),
        )
    if clicked:
        state.offset = 0
        # A rerun of the whole page, unlike the dialog's own, closes the dialog.
        st.rerun()


def _display_title(conversation: Conversation) -> str:
    return escape_markdown(conversation.title) or _UNTITLED


def _import(text: str) -> str:
    conversation = import_conversation(text, repositories.conversation_repository())
    session.open_conversation(conversation.id)
    return f"Imported “{_display_title(conversation)}”."
