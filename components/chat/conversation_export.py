"""Downloads of conversations: the open one, any one of the list, or all of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from components.session import repositories, session
from core.conversations.date_groups import time_zone
from core.conversations.export_files import ConversationFiles, FileFormat, file_name
from core.conversations.messages import Conversation
from core.errors.types import NotFound

_KEY = "conversations.export"
_FORMATS: dict[FileFormat, tuple[str, str]] = {
    "md": ("Markdown", "To read and to paste: the branch that is shown"),
    "json": ("JSON", "All branches with their requests and responses, to import again"),
    "html": ("HTML", "One page for any browser, without a network: the branch that is shown"),
}
_MAX_CONVERSATIONS = 10_000


def open_conversation_buttons() -> None:
    """Draw the downloads of the open conversation, if it has been saved."""
    try:
        conversation = repositories.conversation_repository().get(session.conversation())
    except NotFound:
        return
    st.caption("Export this conversation")
    with st.container(horizontal=True, gap="xsmall"):
        download_buttons(conversation, _KEY)


def download_buttons(conversation: Conversation, key: str) -> None:
    """Draw a button for each format; the file is written when it is clicked."""
    files = _files()
    for file_format in _FORMATS:
        content = partial(files.write, conversation, file_format)
        _button(file_format, content, file_name(conversation, file_format), key)


def all_conversations_buttons() -> None:
    """Draw the downloads of a ZIP archive, if there are conversations."""
    files = _files()
    if not files.conversations.list(limit=1):
        return
    st.caption("Export all conversations as ZIP")
    with st.container(horizontal=True, gap="xsmall"):
        for file_format in _FORMATS:
            name = f"conversations-{datetime.now(UTC):%Y-%m-%d}-{file_format}.zip"
            _button(file_format, partial(_archive, files, file_format), name, f"{_KEY}.all")


def _archive(files: ConversationFiles, file_format: FileFormat) -> bytes:
    return files.archive(files.conversations.list(limit=_MAX_CONVERSATIONS), file_format)


def _files() -> ConversationFiles:
    zone = time_zone(st.context.timezone)
    return ConversationFiles(repositories.conversation_repository(), repositories.run_repository(), zone)


def _button(file_format: FileFormat, content: Callable[[], str | bytes], name: str, key: str) -> None:
    label, description = _FORMATS[file_format]
    st.download_button(
        label,
        content,
        name,
        on_click="ignore",
        key=f"{key}.{file_format}",
        help=description,
    )
