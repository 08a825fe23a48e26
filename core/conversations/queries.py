"""Queries and updates of conversations and messages within a transaction; each is limited to an owner."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Update,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from core.conversations.message_tree import Node, leaf_after_delete, newest_leaf, visible_nodes
from core.conversations.messages import Conversation, Message, text_content, title_from
from core.errors.types import NotFound
from core.storage.engine import sanitise_text
from core.storage.schema import conversations, messages

# A counter, because a clock may be set back.
_NEXT_TOUCHED = select(func.coalesce(func.max(conversations.c.touched), 0) + 1).scalar_subquery()

# The statements of a new turn are built once: that takes longer than to execute them, and the request of the
# turn waits for the branch.
_BY_ID = select(conversations).where(conversations.c.id == bindparam("id"))
_PATH = (
    select(messages.c.id, messages.c.parent_id)
    .where(messages.c.id == bindparam("leaf"), messages.c.conversation_id == bindparam("conversation"))
    .cte("path", recursive=True)
)
_WHOLE_PATH = _PATH.union_all(
    select(messages.c.id, messages.c.parent_id).where(messages.c.id == _PATH.c.parent_id)
)
_BRANCH = (
    select(messages)
    .where(messages.c.id.in_(select(_WHOLE_PATH.c.id)), messages.c.owner == bindparam("owner"))
    # A parent is always older than its children.
    .order_by(messages.c.seq)
)
_SELECT_NEW_LEAF = (
    update(conversations)
    .where(conversations.c.id == bindparam("conversation"), conversations.c.owner == bindparam("of_owner"))
    .values(
        leaf_id=bindparam("leaf"),
        deleted_at=None,  # a deleted conversation is restored, so that `purge` keeps the new messages
        title=bindparam("new_title"),
        touched=_NEXT_TOUCHED,
        used_at=bindparam("now"),
    )
)
_ID_IN_USE = "This conversation cannot be opened. Start a new one."
_NOT_FOUND = "This conversation or message no longer exists. Reload the page."


def to_row(message: Message, owner: str) -> dict[str, Any]:
    """Convert a message to a row of `messages`."""
    # Text and content parts have columns of their own, so that a search does not match image data.
    parts = None if isinstance(message.content, str) else json.dumps(message.content, ensure_ascii=False)
    return {
        "id": message.id,
        "owner": owner,
        "conversation_id": message.conversation_id,
        "parent_id": message.parent_id,
        "role": message.role,
        "text": sanitise_text(text_content(message.content)),
        "parts": parts and sanitise_text(parts),
        "created_at": message.created_at,
        "run_id": message.run_id,
        "pinned": message.pinned,
        "deleted": message.deleted,
    }


def to_message(row: Row[Any]) -> Message:
    """Convert a row of `messages`."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        role=row.role,
        content=row.text if row.parts is None else json.loads(row.parts),
        created_at=row.created_at,
        run_id=row.run_id,
        pinned=row.pinned,
        deleted=row.deleted,
    )


def to_conversation(row: Row[Any]) -> Conversation:
    """Convert a row of `conversations`."""
    return Conversation(
        id=row.id,
        title=row.title,
        created_at=row.created_at,
        used_at=row.used_at,
        leaf_id=row.leaf_id,
        deleted=row.deleted_at is not None,
        pinned=row.pinned,
    )


def search_condition(text: str) -> ColumnElement[bool]:
    """Match conversations whose title or messages contain *text*."""
    # Korean from macOS may be stored in decomposed form.
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD")} | {text}
    in_text = or_(*(messages.c.text.icontains(form, autoescape=True) for form in sorted(forms)))
    in_title = or_(*(conversations.c.title.icontains(form, autoescape=True) for form in sorted(forms)))
    is_visible = and_(messages.c.conversation_id == conversations.c.id, messages.c.deleted.is_(False))
    return or_(in_title, exists().where(is_visible, in_text))


@dataclass(frozen=True, slots=True)
class ConversationQueries:
    """Reads and changes the conversations of *owner* over one connection."""

    connection: Connection
    owner: str

    def conversation(self, conversation_id: str) -> Conversation:
        """Return a conversation. Raises NotFound."""
        query = select(conversations).where(
            conversations.c.id == conversation_id, conversations.c.owner == self.owner
        )
        if row := self.connection.execute(query).one_or_none():
            return to_conversation(row)
        raise NotFound(_NOT_FOUND)

    def get_or_create(self, conversation_id: str, created_at: datetime) -> Conversation:
        """Return the conversation, created if it does not exist. Raises NotFound if it is another owner's."""
        # Without the owner: an id that another owner uses must not be inserted a second time.
        if row := self.connection.execute(_BY_ID, {"id": conversation_id}).one_or_none():
            if row.owner != self.owner:
                raise NotFound(_ID_IN_USE)
            return to_conversation(row)
        conversation = Conversation(conversation_id, "", created_at, created_at)
        self._insert(conversation)
        return conversation

    def message(self, message_id: str) -> Message:
        """Return a message. Raises NotFound."""
        query = select(messages).where(messages.c.id == message_id, messages.c.owner == self.owner)
        if row := self.connection.execute(query).one_or_none():
            return to_message(row)
        raise NotFound(_NOT_FOUND)

    def create(self, conversation: Conversation, tree: Sequence[Message] = ()) -> None:
        """Insert a conversation with its messages. Raises NotFound if its id is in use."""
        if self.connection.scalar(select(conversations.c.seq).where(conversations.c.id == conversation.id)):
            raise NotFound(_ID_IN_USE)
        self._insert(conversation)
        if tree:
            self.connection.execute(insert(messages), [to_row(message, self.owner) for message in tree])

    def append(self, conversation: Conversation, *new_messages: Message) -> None:
        """Add messages and select the branch of the last one."""
        self.connection.execute(insert(messages), [to_row(message, self.owner) for message in new_messages])
        questions = (message.content for message in new_messages if message.role == "user")
        values = {
            "conversation": conversation.id,
            "of_owner": self.owner,
            "leaf": new_messages[-1].id,
            "new_title": conversation.title or sanitise_text(title_from(next(questions, ""))),
            "now": new_messages[-1].created_at,
        }
        self._execute_update(_SELECT_NEW_LEAF, values)

    def all_messages(self, conversation_id: str) -> list[Message]:
        """Return all messages, also deleted ones, in the order in which they were created."""
        query = select(messages).where(
            messages.c.conversation_id == conversation_id, messages.c.owner == self.owner
        )
        return [to_message(row) for row in self.connection.execute(query.order_by(messages.c.seq))]

    def branch(self, conversation_id: str, leaf_id: str | None) -> list[Message]:
        """Return the messages from the first down to *leaf_id*."""
        if leaf_id is None:
            return []
        values = {"leaf": leaf_id, "conversation": conversation_id, "owner": self.owner}
        return [to_message(row) for row in self.connection.execute(_BRANCH, values)]

    def visible_nodes(self, conversation_id: str) -> list[Node]:
        """Return the tree without deleted messages; no contents are read."""
        query = select(messages.c.id, messages.c.parent_id, messages.c.deleted).where(
            messages.c.conversation_id == conversation_id, messages.c.owner == self.owner
        )
        rows = self.connection.execute(query.order_by(messages.c.seq))
        return visible_nodes([Node(row.id, row.parent_id, row.deleted) for row in rows])

    def update_conversation(self, conversation_id: str, **values: Any) -> None:
        """Set columns of a conversation. Raises NotFound."""
        self._execute_update(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.owner == self.owner)
            .values(values)
        )

    def update_message(self, message_id: str, **values: Any) -> None:
        """Set columns of a message. Raises NotFound."""
        self._execute_update(
            update(messages).where(messages.c.id == message_id, messages.c.owner == self.owner).values(values)
        )

    def select_branch(self, message: Message) -> None:
        """Select the newest branch through *message*."""
        leaf = newest_leaf(self.visible_nodes(message.conversation_id), message.id)
        self.update_conversation(message.conversation_id, leaf_id=leaf)

    def soft_delete(self, message_id: str) -> Conversation:
        """Hide a message and its descendants, and return the updated conversation. Raises NotFound."""
        message = self.message(message_id)
        conversation = self.conversation(message.conversation_id)
        leaf = leaf_after_delete(self.visible_nodes(conversation.id), conversation.leaf_id, message_id)
        self.update_message(message_id, deleted=True)
        self.update_conversation(conversation.id, leaf_id=leaf)
        return replace(conversation, leaf_id=leaf)

    def _insert(self, conversation: Conversation) -> None:
        row = {
            "id": conversation.id,
            "owner": self.owner,
            "title": sanitise_text(conversation.title),
            "leaf_id": conversation.leaf_id,
            "created_at": conversation.created_at,
            "touched": _NEXT_TOUCHED,
            "used_at": conversation.used_at,
        }
        self.connection.execute(insert(conversations).values(**row))

    def _execute_update(self, statement: Update, values: Mapping[str, Any] | None = None) -> None:
        if not self.connection.execute(statement, values).rowcount:
            raise NotFound(_NOT_FOUND)
