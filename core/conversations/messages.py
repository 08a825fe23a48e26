"""Conversations and messages as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Content = str | list[dict[str, Any]]
_MAX_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages; `leaf_id` is the last message of the branch that is shown."""

    id: str
    title: str
    created_at: datetime
    leaf_id: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message of the API and its place in the tree. *content* is text, or the API's content parts."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: str
    content: Content
    created_at: datetime
    run_id: str | None = None
    pinned: bool = False
    deleted: bool = False

    @property
    def text(self) -> str:
        """The words of the content, without its images."""
        return text_content(self.content)


def new_message(
    role: str,
    content: Content,
    conversation_id: str = "",
    parent_id: str | None = None,
    run_id: str | None = None,
) -> Message:
    """Make a message of now, with an id of its own, at its place in a tree where that is known already."""
    return Message(uuid4().hex, conversation_id, parent_id, role, content, datetime.now(UTC), run_id)


def text_content(content: Content) -> str:
    """Return the text parts of *content*, each on lines of its own."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def title_from(content: Content) -> str:
    """Make a title of the first line of a question."""
    words = " ".join(text_content(content).strip().partition("\n")[0].split())
    return words if len(words) <= _MAX_TITLE_LENGTH else words[: _MAX_TITLE_LENGTH - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question with the place of its answer, and the messages that lead up to it.

    `question` is None where no new one was asked. `history` holds what the conversation shows; `appended` is
    what is sent after it without being part of the conversation.
    """

    conversation_id: str
    question: Message | None
    reply: Message
    history: tuple[Message, ...]
    extra_messages: tuple[dict[str, Any], ...] = ()

    def api_messages(self) -> list[dict[str, Any]]:
        """The messages as the API takes them; replies that never got a word are left out."""
        return [*api_messages(self.history), *self.extra_messages]


def api_messages(history: Sequence[Message]) -> list[dict[str, Any]]:
    """Turn kept messages into the API's."""
    return [{"role": message.role, "content": message.content} for message in non_empty(history)]


def non_empty(history: Sequence[Message]) -> list[Message]:
    """Leave out replies that never got a word."""
    return [message for message in history if message.content or message.role != "assistant"]
