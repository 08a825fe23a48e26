"""Conversations, messages and turns as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

Content = str | list[dict[str, Any]]
_GENERATED_TITLE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages; `leaf_id` is the last message of the branch that is shown."""

    id: str
    title: str
    created_at: datetime
    used_at: datetime
    leaf_id: str | None = None
    deleted: bool = False
    pinned: bool = False


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
        """The text of the content, without its images."""
        return text_content(self.content)


def new_message(
    role: str,
    content: Content,
    conversation_id: str = "",
    parent_id: str | None = None,
    run_id: str | None = None,
) -> Message:
    """Create a message with a new id and the current time; its place in a tree may be set later."""
    return Message(uuid4().hex, conversation_id, parent_id, role, content, datetime.now(UTC), run_id)


def text_content(content: Content) -> str:
    """Return the text parts of *content*, joined by line breaks."""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if part.get("type") == "text")


def title_from(content: Content) -> str:
    """Return the first line of a question as a title, truncated if it is long."""
    title = " ".join(text_content(content).strip().partition("\n")[0].split())
    if len(title) <= _GENERATED_TITLE_LENGTH:
        return title
    return title[: _GENERATED_TITLE_LENGTH - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, its reply yet to be received, and the messages before the reply.

    `question` is None if the turn adds no question. `extra_messages`, in the API's form, are sent after the
    history but are not part of the conversation.
    """

    conversation_id: str
    question: Message | None
    reply: Message
    history: tuple[Message, ...]
    extra_messages: tuple[dict[str, Any], ...] = ()

    def api_messages(self) -> list[dict[str, Any]]:
        """Return the request's messages in the API's form, without empty replies."""
        return [*api_messages(self.history), *self.extra_messages]


def api_messages(history: Sequence[Message]) -> list[dict[str, Any]]:
    """Convert messages to the API's form, without empty replies."""
    return [{"role": message.role, "content": message.content} for message in non_empty(history)]


def non_empty(history: Sequence[Message]) -> list[Message]:
    """Leave out empty replies, which failed or were stopped before their first token."""
    return [message for message in history if message.content or message.role != "assistant"]
