"""The pauses that runners of several processes share."""

from alembic import op
from sqlalchemy import Column, DateTime, Integer, String, UniqueConstraint

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "rate_limit_pauses",
        Column("seq", Integer, primary_key=True, autoincrement=True),
        Column("scope", String(64), nullable=False),
        Column("paused_until", DateTime(timezone=True), nullable=False),
        UniqueConstraint("scope"),
        sqlite_autoincrement=True,
    )
