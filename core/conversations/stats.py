"""How much is in a conversation, and when it was last added to: what a list says beside the title."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.storage.schema import messages
from core.storage.store import Store


@dataclass(frozen=True, slots=True)
class ConversationStats:
    """The visible messages of a conversation, on all its branches, and the time of the newest."""

    message_count: int
    last_message_at: datetime


def conversation_stats(
    store: Store, owner: str, conversation_ids: Sequence[str]
) -> dict[str, ConversationStats]:
    """Map those of *conversation_ids* that have messages to their activity, in one query."""
    of = messages.c.conversation_id
    query = (
        select(of, func.count(), func.max(messages.c.created_at))
        .where(messages.c.owner == owner, of.in_(conversation_ids), messages.c.deleted.is_(False))
        .group_by(of)
    )
    rows = store.read(lambda connection: connection.execute(query).all())
    return {conversation_id: ConversationStats(count, last_at) for conversation_id, count, last_at in rows}
