"""Storage of conversations and their messages, by owner."""

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import delete, select

from core.conversations.message_tree import siblings
from core.conversations.messages import Content, Conversation, Message, new_message
from core.conversations.queries import ConversationQueries, search_condition, to_conversation
from core.errors.types import NotFound
from core.runs.run import Run
from core.storage.engine import sanitise_text
from core.storage.run_deletion import delete_runs
from core.storage.run_repository import upsert_run
from core.storage.schema import conversations, messages
from core.storage.store import Store

T = TypeVar("T")
# Aliases, because in the class `list` is the method.
Messages = list[Message]
Ids = list[str]
_MAX_TITLE_LENGTH = 200


class ConversationRepository:
    """The conversations of *owner*. An id that is not theirs raises NotFound.

    A database failure raises nothing: see `Store.problem`.
    """

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def create(self, title: str = "") -> Conversation:
        """Create a conversation; without a title, its first question becomes the title."""
        now = datetime.now(UTC)
        conversation = Conversation(uuid4().hex, _normalise_title(title), now, now)
        self.add(conversation, [])
        return conversation

    def add(self, conversation: Conversation, tree: Sequence[Message], with_runs: Sequence[Run] = ()) -> None:
        """Insert a conversation with its messages and runs; in *tree*, parents precede their children."""

        def insert_all(queries: ConversationQueries) -> None:
            queries.create(conversation, tree)
            for run in with_runs:
                upsert_run(queries.connection, self._owner, run)

        self._write(insert_all)

    def list(
        self, search: str = "", limit: int = 50, offset: int = 0, *, deleted: bool = False
    ) -> list[Conversation]:
        """Return those whose title or messages contain *search*: pinned ones first, then by last use."""
        deleted_at = conversations.c.deleted_at
        query = select(conversations).where(
            conversations.c.owner == self._owner,
            deleted_at.is_not(None) if deleted else deleted_at.is_(None),
        )
        if search := search.strip():
            query = query.where(search_condition(search))
        query = (
            query.order_by(conversations.c.pinned.desc(), conversations.c.touched.desc())
            .limit(limit)
            .offset(offset)
        )
        return self._read(lambda queries: [to_conversation(row) for row in queries.connection.execute(query)])

    def get(self, conversation_id: str) -> Conversation:
        """Return a conversation, also a deleted one."""
        return self._read(lambda queries: queries.conversation(conversation_id))

    def rename(self, conversation_id: str, title: str) -> None:
        """Change the title of a conversation; line breaks become spaces."""
        title = _normalise_title(title)
        self._write(lambda queries: queries.update_conversation(conversation_id, title=title))

    def pin(self, conversation_id: str, pinned: bool = True) -> None:
        """Pin a conversation, which is then at the beginning of the list, or unpin it."""
        self._write(lambda queries: queries.update_conversation(conversation_id, pinned=pinned))

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation; `restore` undoes this, `purge` makes it permanent."""
        now = datetime.now(UTC)
        self._write(lambda queries: queries.update_conversation(conversation_id, deleted_at=now))

    def restore(self, conversation_id: str) -> None:
        """Undo `delete`."""
        self._write(lambda queries: queries.update_conversation(conversation_id, deleted_at=None))

    def purge(self, older_than: timedelta = timedelta(days=30)) -> None:
        """Permanently delete conversations that were hidden before *older_than*, with their runs."""
        old_ids = select(conversations.c.id).where(
            conversations.c.owner == self._owner, conversations.c.deleted_at < datetime.now(UTC) - older_than
        )
        old_run_ids = select(messages.c.run_id).where(
            messages.c.conversation_id.in_(old_ids), messages.c.run_id.is_not(None)
        )
        statements = (
            delete(messages).where(messages.c.conversation_id.in_(old_ids)),
            delete(conversations).where(conversations.c.id.in_(old_ids)),
        )

        def delete_old(queries: ConversationQueries) -> None:
            if queries.connection.scalar(old_ids.limit(1)) is None:
                return
            # The runs first: the statements delete the rows that name them.
            delete_runs(queries.connection, self._owner, queries.connection.scalars(old_run_ids).all())
            for statement in statements:
                queries.connection.execute(statement)

        self._write(delete_old)

    def messages(self, conversation_id: str) -> Messages:
        """Return all messages, also deleted ones, in the order in which they were created."""
        return self._read(lambda queries: queries.all_messages(conversation_id))

    def message(self, message_id: str) -> Message:
        """Return a message, also a deleted one."""
        return self._read(lambda queries: queries.message(message_id))

    def run_ids(self, conversation_id: str) -> Ids:
        """Return the ids of the runs of all replies, on every branch, also deleted ones."""
        in_conversation = messages.c.conversation_id == conversation_id, messages.c.owner == self._owner
        query = select(messages.c.run_id).where(*in_conversation, messages.c.run_id.is_not(None)).distinct()
        return [str(run_id) for run_id in self._store.read(lambda c: c.scalars(query).all())]

    def conversation_of(self, run_id: str) -> str | None:
        """Return the id of the conversation with the reply of a run, unless that was deleted."""
        query = select(conversations.c.id).join(messages, messages.c.conversation_id == conversations.c.id)
        is_own = conversations.c.owner == self._owner, conversations.c.deleted_at.is_(None)
        query = query.where(messages.c.run_id == run_id, *is_own)
        return self._store.read(lambda connection: connection.scalar(query.limit(1)))

    def branch(self, conversation_id: str, leaf_id: str | None = None) -> Messages:
        """Return the messages from the first down to *leaf_id*, by default the selected leaf."""

        def load(queries: ConversationQueries) -> Messages:
            return queries.branch(conversation_id, leaf_id or queries.conversation(conversation_id).leaf_id)

        return self._read(load)

    def siblings(self, message_id: str) -> Ids:
        """Return the ids of the visible messages with the same parent, itself included, oldest first."""
        return self.all_siblings(self.message(message_id).conversation_id).get(message_id, [])

    def all_siblings(self, conversation_id: str) -> dict[str, Ids]:
        """Map every visible message of a conversation to its `siblings`."""
        return siblings(self._read(lambda queries: queries.visible_nodes(conversation_id)))

    def append(
        self,
        conversation_id: str,
        parent_id: str | None,
        role: str,
        content: Content,
        run_id: str | None = None,
    ) -> Message:
        """Add a message below *parent_id* (None: as a first message) and select its branch."""
        message = new_message(role, content, conversation_id, parent_id, run_id)

        def insert_message(queries: ConversationQueries) -> None:
            conversation = queries.conversation(conversation_id)
            if parent_id and queries.message(parent_id).conversation_id != conversation_id:
                raise NotFound("The previous message is not in this conversation. Reload the page.")
            queries.append(conversation, message)

        self._write(insert_message)
        return message

    def set_text(self, message_id: str, text: str) -> None:
        """Replace the content of a message with *text*, as while a reply is received."""
        values = {"text": sanitise_text(text), "parts": None}
        # While the database is unavailable, only the latest text of a message has to be written later.
        self._write(lambda queries: queries.update_message(message_id, **values), ("text", message_id))

    def pin_message(self, message_id: str, pinned: bool = True) -> None:
        """Pin a message, so that trimming never drops it from a request."""
        self._write(lambda queries: queries.update_message(message_id, pinned=pinned))

    def select_branch(self, message_id: str) -> None:
        """Select the newest branch through *message_id*."""
        self._write(lambda queries: queries.select_branch(queries.message(message_id)))

    def delete_message(self, message_id: str) -> None:
        """Hide a message and its descendants, and select its newest sibling, else its parent."""
        self._write(lambda queries: queries.soft_delete(message_id))

    def undo_send(self, message_id: str) -> None:
        """Like `delete_message`, but also delete a conversation that becomes empty, and reset its title."""
        now = datetime.now(UTC)

        def delete_turn(queries: ConversationQueries) -> None:
            conversation = queries.soft_delete(message_id)
            if conversation.leaf_id is None:
                queries.update_conversation(conversation.id, title="", deleted_at=now)

        self._write(delete_turn)

    def restore_message(self, message_id: str) -> None:
        """Undo `delete_message` and select that branch."""

        def restore(queries: ConversationQueries) -> None:
            queries.update_message(message_id, deleted=False)
            queries.select_branch(queries.message(message_id))

        self._write(restore)

    def run_transaction(self, operation: Callable[[ConversationQueries], T]) -> T:
        """Run *operation* in a transaction and return its result; see `Store.run_transaction`."""
        return self._store.run_transaction(
            lambda connection: operation(ConversationQueries(connection, self._owner))
        )

    def _read(self, operation: Callable[[ConversationQueries], T]) -> T:
        return self._store.read(lambda connection: operation(ConversationQueries(connection, self._owner)))

    def _write(self, operation: Callable[[ConversationQueries], object], dedupe_key: Hashable = None) -> None:
        self._store.write(
            lambda connection: operation(ConversationQueries(connection, self._owner)), dedupe_key
        )


def _normalise_title(title: str) -> str:
    return sanitise_text(" ".join(title.split()))[:_MAX_TITLE_LENGTH]
