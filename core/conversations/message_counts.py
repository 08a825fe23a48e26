"""The number of messages in conversations, for lists."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.storage.schema import messages
from core.storage.store import Store


def message_counts(store: Store, owner: str, conversation_ids: Sequence[str]) -> dict[str, int]:
    """Return how many visible messages, on all branches, those of *conversation_ids* have that have any."""
    conversation_id = messages.c.conversation_id
    query = (
        select(conversation_id, func.count())
        .where(
            messages.c.owner == owner,
            conversation_id.in_(conversation_ids),
            messages.c.deleted.is_(False),
        )
        .group_by(conversation_id)
    )
    rows = store.read(lambda connection: connection.execute(query).all())
    return {row[0]: row[1] for row in rows}
