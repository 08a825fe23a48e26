"""Conversations as files to download: one in a format, or several in a ZIP archive."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from core.conversations.export import export_json, export_markdown
from core.conversations.message_tree import versions
from core.conversations.messages import Conversation

if TYPE_CHECKING:
    from core.conversations.repository import ConversationRepository
    from core.storage.run_repository import RunRepository

FileFormat = Literal["md", "json", "html"]
_MAX_NAME = 60  # characters; archives and their folders have names, too, and Windows limits the whole path


@dataclass(frozen=True, slots=True)
class ConversationFiles:
    """Writes the conversations of an owner. Times that people read are in *zone*."""

    conversations: "ConversationRepository"
    runs: "RunRepository"
    zone: tzinfo = UTC

    def write(self, conversation: Conversation, file_format: FileFormat) -> str:
        """Return *conversation* as text: JSON with all its branches, otherwise the one that is selected."""
        messages = self.conversations.messages(conversation.id)
        runs = self.runs.get_many([message.run_id for message in messages if message.run_id])
        if file_format == "json":
            return export_json(conversation, messages, list(runs.values()))
        branch = self.conversations.branch(conversation.id)
        numbered = versions(self.conversations.all_siblings(conversation.id))
        if file_format == "md":
            return export_markdown(conversation, branch, runs, numbered)
        from core.conversations.html_export import export_html  # it loads the parser of Markdown

        return export_html(conversation, branch, runs, numbered, self.zone)

    def archive(self, conversations: Sequence[Conversation], file_format: FileFormat) -> bytes:
        """Return *conversations* as a ZIP archive."""
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            names = _unique_names(conversations, file_format)
            for conversation, name in zip(conversations, names, strict=True):
                archive.writestr(name, self.write(conversation, file_format))
        return buffer.getvalue()


def file_name(conversation: Conversation, file_format: FileFormat) -> str:
    """Return a name from the title that every system takes."""
    stem = re.sub(r"\W+", "-", conversation.title).strip("-")[:_MAX_NAME] or "conversation"
    return f"{stem}.{file_format}"


def _unique_names(conversations: Sequence[Conversation], file_format: FileFormat) -> Iterator[str]:
    used: dict[str, int] = {}
    for conversation in conversations:
        name = f"{conversation.created_at:%Y-%m-%d} {file_name(conversation, file_format)}"
        # Without regard to case, as on Windows and macOS.
        count = used[name.casefold()] = used.get(name.casefold(), 0) + 1
        yield name if count == 1 else f"{name.removesuffix(f'.{file_format}')} ({count}).{file_format}"
