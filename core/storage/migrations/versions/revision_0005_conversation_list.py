"""Pinned conversations, and when each was last used, by which the list groups them."""

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, false

revision = "0005"
down_revision = "0004"

# A column that is added to a table with rows needs a default, which the update then replaces.
_NEVER = "1970-01-01 00:00:00"


def upgrade() -> None:
    op.add_column("conversations", Column("pinned", Boolean, nullable=False, server_default=false()))
    used_at = Column("used_at", DateTime(timezone=True), nullable=False, server_default=_NEVER)
    op.add_column("conversations", used_at)
    op.execute(
        "UPDATE conversations SET used_at = coalesce("
        "(SELECT max(created_at) FROM messages WHERE conversation_id = conversations.id), created_at)"
    )
