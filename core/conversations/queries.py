"""Conversations and messages as rows; every query names the owner."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    and_,
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

# A number above all others: "last used first" must not depend on a clock.
_NEXT_TOUCHED = select(func.coalesce(func.max(conversations.c.touched), 0) + 1).scalar_subquery()
_ID_IN_USE = "This conversation cannot be opened. Begin a new one."
_NOT_FOUND = "This conversation or message no longer exists. Reload the page."


def to_row(message: Message, owner: str) -> dict[str, Any]:
    """Make a row; words and content parts are apart, so that a search does not look into images."""
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
    """Read a row of messages."""
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
    """Read a row of conversations."""
    return Conversation(row.id, row.title, row.created_at, row.leaf_id, row.deleted_at is not None)


def search_condition(words: str) -> ColumnElement[bool]:
    """Match conversations by title or text; Korean typed on a Mac may be stored in decomposed form."""
    forms = {unicodedata.normalize(form, words) for form in ("NFC", "NFD")} | {words}
    in_text = or_(*(messages.c.text.icontains(form, autoescape=True) for form in sorted(forms)))
    in_title = or_(*(conversations.c.title.icontains(form, autoescape=True) for form in sorted(forms)))
    of_it = and_(messages.c.conversation_id == conversations.c.id, messages.c.deleted.is_(False))
    return or_(in_title, exists().where(of_it, in_text))


@dataclass(frozen=True, slots=True)
class ConversationQueries:
    """What *owner* may see and change over one connection."""

    connection: Connection
    owner: str

    def conversation(self, conversation_id: str) -> Conversation:
        """Raises NotFound."""
        query = select(conversations).where(
            conversations.c.id == conversation_id, conversations.c.owner == self.owner
        )
        if row := self.connection.execute(query).one_or_none():
            return to_conversation(row)
        raise NotFound(_NOT_FOUND)

    def get_or_create(self, conversation_id: str, at: datetime) -> Conversation:
        """Return the conversation, begun *at* that time if there is none. Raises NotFound for another's."""
        query = select(conversations).where(conversations.c.id == conversation_id)
        if row := self.connection.execute(query).one_or_none():
            if row.owner != self.owner:
                raise NotFound(_ID_IN_USE)
            return to_conversation(row)
        made = Conversation(conversation_id, "", at)
        self._insert(made)
        return made

    def message(self, message_id: str) -> Message:
        """Raises NotFound."""
        query = select(messages).where(messages.c.id == message_id, messages.c.owner == self.owner)
        if row := self.connection.execute(query).one_or_none():
            return to_message(row)
        raise NotFound(_NOT_FOUND)

    def create(self, conversation: Conversation, tree: Sequence[Message] = ()) -> None:
        """Raises NotFound if there is one of that id."""
        if self.connection.scalar(select(conversations.c.seq).where(conversations.c.id == conversation.id)):
            raise NotFound(_ID_IN_USE)
        self._insert(conversation)
        if tree:
            self.connection.execute(insert(messages), [to_row(message, self.owner) for message in tree])

    def append(self, conversation: Conversation, *made: Message) -> None:
        """Add messages, and show the branch of the last.

        A conversation that was deleted is there again: `purge` must not take what was written since.
        """
        self.connection.execute(insert(messages), [to_row(message, self.owner) for message in made])
        titles = (sanitise_text(title_from(message.content)) for message in made if message.role == "user")
        self.update_conversation(
            conversation.id,
            leaf_id=made[-1].id,
            deleted_at=None,
            title=conversation.title or next(titles, ""),
            touched=_NEXT_TOUCHED,
        )

    def all_messages(self, conversation_id: str) -> list[Message]:
        """Return all messages, hidden ones too, in the order they were written."""
        query = select(messages).where(
            messages.c.conversation_id == conversation_id, messages.c.owner == self.owner
        )
        return [to_message(row) for row in self.connection.execute(query.order_by(messages.c.seq))]

    def branch(self, conversation_id: str, leaf_id: str | None) -> list[Message]:
        """Return the messages from the first down to *leaf_id*."""
        if leaf_id is None:
            return []
        query = _path(conversation_id, leaf_id).where(messages.c.owner == self.owner)
        return [to_message(row) for row in self.connection.execute(query)]

    def visible_nodes(self, conversation_id: str) -> list[Node]:
        """Return the visible tree, without reading what the messages say."""
        query = select(messages.c.id, messages.c.parent_id, messages.c.deleted).where(
            messages.c.conversation_id == conversation_id, messages.c.owner == self.owner
        )
        rows = self.connection.execute(query.order_by(messages.c.seq))
        return visible_nodes([Node(row.id, row.parent_id, row.deleted) for row in rows])

    def update_conversation(self, conversation_id: str, **values: Any) -> None:
        """Raises NotFound."""
        self._execute_update(
            update(conversations)
            .where(conversations.c.id == conversation_id, conversations.c.owner == self.owner)
            .values(values)
        )

    def update_message(self, message_id: str, **values: Any) -> None:
        """Raises NotFound."""
        self._execute_update(
            update(messages).where(messages.c.id == message_id, messages.c.owner == self.owner).values(values)
        )

    def select_branch(self, message: Message) -> None:
        """Make the newest branch through *message* the one that is shown."""
        leaf = newest_leaf(self.visible_nodes(message.conversation_id), message.id)
        self.update_conversation(message.conversation_id, leaf_id=leaf)

    def soft_delete(self, message_id: str) -> Conversation:
        """Hide a message and all below it, and return its conversation as it then is. Raises NotFound."""
        message = self.message(message_id)
        found = self.conversation(message.conversation_id)
        leaf = leaf_after_delete(self.visible_nodes(found.id), found.leaf_id, message_id)
        self.update_message(message_id, deleted=True)
        self.update_conversation(found.id, leaf_id=leaf)
        return replace(found, leaf_id=leaf)

    def _insert(self, made: Conversation) -> None:
        row = {"id": made.id, "owner": self.owner, "leaf_id": made.leaf_id, "created_at": made.created_at}
        title = sanitise_text(made.title)
        statement = insert(conversations).values(**row, title=title, touched=_NEXT_TOUCHED)
        self.connection.execute(statement)

    def _execute_update(self, statement: Update) -> None:
        if not self.connection.execute(statement).rowcount:
            raise NotFound(_NOT_FOUND)


def _path(conversation_id: str, leaf_id: str | None) -> Select[Any]:
    """Climb from the leaf to the first message; a parent is always older than its children."""
    climb = (
        select(messages.c.id, messages.c.parent_id)
        .where(messages.c.id == leaf_id, messages.c.conversation_id == conversation_id)
        .cte("climb", recursive=True)
    )
    above = select(messages.c.id, messages.c.parent_id).where(messages.c.id == climb.c.parent_id)
    climb = climb.union_all(above)
    return select(messages).where(messages.c.id.in_(select(climb.c.id))).order_by(messages.c.seq)
