"""The similarities of replies and texts, for which embeddings were paid."""

from alembic import op
from sqlalchemy import Column, Float, Integer, String, UniqueConstraint

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "compare_similarities",
        Column("seq", Integer, primary_key=True, autoincrement=True),
        Column("board_id", String(32), nullable=False),
        Column("digest", String(64), nullable=False),
        Column("value", Float, nullable=False),
        UniqueConstraint("board_id", "digest"),
        sqlite_autoincrement=True,
    )
