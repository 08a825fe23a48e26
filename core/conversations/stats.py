"""The number of messages in a conversation and the time of the last one, for lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.storage.schema import messages
from core.storage.store import Store


@dataclass(frozen=True, slots=True)
class ConversationStats:
    """The visible messages of a conversation, on all branches."""

    message_count: int
    last_message_at: datetime


def conversation_stats(
    store: Store, owner: str, conversation_ids: Sequence[str]
) -> dict[str, ConversationStats]:
    """Return the stats of those of *conversation_ids* that have messages, by id."""
    conversation_id = messages.c.conversation_id
    query = (
        select(conversation_id, func.count(), func.max(messages.c.created_at))
        .where(
            messages.c.owner == owner,
            conversation_id.in_(conversation_ids),
            messages.c.deleted.is_(False),
        )
        .group_by(conversation_id)
    )
    rows = store.read(lambda connection: connection.execute(query).all())
    return {id_: ConversationStats(count, last_message_at) for id_, count, last_message_at in rows}
