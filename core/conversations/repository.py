"""Conversations and their messages, kept for one owner."""

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
from core.storage.blobs import delete_unused_blobs
from core.storage.engine import sanitise_text
from core.storage.run_repository import upsert_run
from core.storage.schema import conversations, messages, run_events, runs
from core.storage.store import Store

__all__ = ["Content", "Conversation", "ConversationRepository", "Message", "NotFound"]

T = TypeVar("T")
Branch = list[Message]  # named here because `Conversations.list` hides the type
Ids = list[str]
_MAX_TITLE_LENGTH = 200


class ConversationRepository:
    """The conversations of *owner*. An id that is not one of theirs raises NotFound.

    Faults of the database raise nothing: see `Store.problem`.
    """

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def create(self, title: str = "") -> Conversation:
        """Begin a conversation; without a title, its first question becomes the title."""
        made = Conversation(uuid4().hex, _one_line(title), datetime.now(UTC))
        self.add(made, [])
        return made

    def add(self, conversation: Conversation, tree: Sequence[Message], with_runs: Sequence[Run] = ()) -> None:
        """Keep a whole conversation or nothing of it; in *tree* parents come before their children."""

        def work(mine: ConversationQueries) -> None:
            mine.create(conversation, tree)
            for run in with_runs:
                upsert_run(mine.connection, self._owner, run)

        self._write(work)

    def list(
        self, search: str = "", limit: int = 50, offset: int = 0, *, deleted: bool = False
    ) -> list[Conversation]:
        """Return conversations whose title or text contains *search*, last used first."""
        gone = conversations.c.deleted_at
        query = select(conversations).where(
            conversations.c.owner == self._owner, gone.is_not(None) if deleted else gone.is_(None)
        )
        if words := search.strip():
            query = query.where(search_condition(words))
        query = query.order_by(conversations.c.touched.desc()).limit(limit).offset(offset)
        return self._read(lambda mine: [to_conversation(row) for row in mine.connection.execute(query)])

    def get(self, conversation_id: str) -> Conversation:
        """Return a conversation, also a deleted one."""
        return self._read(lambda mine: mine.conversation(conversation_id))

    def rename(self, conversation_id: str, title: str) -> None:
        """Give a conversation another title, on one line."""
        short = _one_line(title)
        self._write(lambda mine: mine.update_conversation(conversation_id, title=short))

    def delete(self, conversation_id: str) -> None:
        """Hide a conversation; `restore` undoes it, `purge` makes it final."""
        now = datetime.now(UTC)
        self._write(lambda mine: mine.update_conversation(conversation_id, deleted_at=now))

    def restore(self, conversation_id: str) -> None:
        """Undo `delete`."""
        self._write(lambda mine: mine.update_conversation(conversation_id, deleted_at=None))

    def purge(self, older_than: timedelta = timedelta(days=30)) -> None:
        """Remove for good what was deleted longer ago than *older_than*, with its runs."""
        old = select(conversations.c.id).where(
            conversations.c.owner == self._owner, conversations.c.deleted_at < datetime.now(UTC) - older_than
        )
        of_old = select(messages.c.run_id).where(messages.c.conversation_id.in_(old))
        statements = (
            delete(run_events).where(run_events.c.run_id.in_(of_old)),
            delete(runs).where(runs.c.id.in_(of_old)),
            delete(messages).where(messages.c.conversation_id.in_(old)),
            delete(conversations).where(conversations.c.id.in_(old)),
        )

        def work(mine: ConversationQueries) -> None:
            if mine.connection.scalar(old.limit(1)) is None:
                return
            for statement in statements:
                mine.connection.execute(statement)
            delete_unused_blobs(mine.connection, self._owner)

        self._write(work)

    def messages(self, conversation_id: str) -> Branch:
        """Return the whole tree, hidden messages too, in the order it was written."""
        return self._read(lambda mine: mine.all_messages(conversation_id))

    def message(self, message_id: str) -> Message:
        """Return one message, also a hidden one."""
        return self._read(lambda mine: mine.message(message_id))

    def run_ids(self, conversation_id: str) -> Ids:
        """Return the ids of the runs behind all its replies, on every branch, deleted ones too."""
        mine = messages.c.conversation_id == conversation_id, messages.c.owner == self._owner
        query = select(messages.c.run_id).where(*mine, messages.c.run_id.is_not(None)).distinct()
        return [str(run_id) for run_id in self._store.read(lambda c: c.scalars(query).all())]

    def branch(self, conversation_id: str, leaf_id: str | None = None) -> Branch:
        """Return the messages from the first down to *leaf_id*, else to the leaf that is shown."""

        def work(mine: ConversationQueries) -> Branch:
            return mine.branch(conversation_id, leaf_id or mine.conversation(conversation_id).leaf_id)

        return self._read(work)

    def siblings(self, message_id: str) -> Ids:
        """Return the ids of all visible answers to the same message, itself included, oldest first."""
        return self.all_siblings(self.message(message_id).conversation_id).get(message_id, [])

    def all_siblings(self, conversation_id: str) -> dict[str, Ids]:
        """Map every visible message to its `siblings`, in one query for a whole transcript."""
        return siblings(self._read(lambda mine: mine.visible_nodes(conversation_id)))

    def append(
        self,
        conversation_id: str,
        parent_id: str | None,
        role: str,
        content: Content,
        run_id: str | None = None,
    ) -> Message:
        """Add a message below *parent_id* (None: as a first one) and show its branch."""
        made = new_message(role, content, conversation_id, parent_id, run_id)

        def work(mine: ConversationQueries) -> None:
            found = mine.conversation(conversation_id)
            if parent_id and mine.message(parent_id).conversation_id != conversation_id:
                raise NotFound("The message to answer is not in this conversation. Reload the page.")
            mine.append(found, made)

        self._write(work)
        return made

    def set_text(self, message_id: str, text: str) -> None:
        """Replace the text of a message, as a reply grows."""
        values = {"text": sanitise_text(text), "parts": None}
        self._write(lambda mine: mine.update_message(message_id, **values), ("text", message_id))

    def pin(self, message_id: str, pinned: bool = True) -> None:
        """Keep a message in the request when older ones are dropped from it."""
        self._write(lambda mine: mine.update_message(message_id, pinned=pinned))

    def select_branch(self, message_id: str) -> None:
        """Show the branch through *message_id*, down to the newest message below it."""
        self._write(lambda mine: mine.select_branch(mine.message(message_id)))

    def delete_message(self, message_id: str) -> None:
        """Hide a message and all below it; the newest other answer, or what came before, is shown."""

        self._write(lambda mine: mine.soft_delete(message_id))

    def undo_send(self, message_id: str) -> None:
        """As `delete_message`; a conversation of which nothing is left goes too, and has no title again."""
        now = datetime.now(UTC)

        def work(mine: ConversationQueries) -> None:
            found = mine.soft_delete(message_id)
            if found.leaf_id is None:
                mine.update_conversation(found.id, title="", deleted_at=now)

        self._write(work)

    def restore_message(self, message_id: str) -> None:
        """Undo `delete_message`, and show that branch again."""

        def work(mine: ConversationQueries) -> None:
            mine.update_message(message_id, deleted=False)
            mine.select_branch(mine.message(message_id))

        self._write(work)

    def run_transaction(self, work: Callable[[ConversationQueries], T]) -> T:
        """Run *work* in one transaction, and return what it returns."""
        return self._store.run_transaction(
            lambda connection: work(ConversationQueries(connection, self._owner))
        )

    def _read(self, work: Callable[[ConversationQueries], T]) -> T:
        return self._store.read(lambda connection: work(ConversationQueries(connection, self._owner)))

    def _write(self, work: Callable[[ConversationQueries], object], replaces: Hashable = None) -> None:
        self._store.write(lambda connection: work(ConversationQueries(connection, self._owner)), replaces)


def _one_line(title: str) -> str:
    return sanitise_text(" ".join(title.split()))[:_MAX_TITLE_LENGTH]
