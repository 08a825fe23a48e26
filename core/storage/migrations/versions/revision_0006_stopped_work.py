"""Boards that were deleted and can be restored, and how often a job was stopped."""

from alembic import op
from sqlalchemy import Column, DateTime, Integer

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("compare_boards", Column("deleted_at", DateTime(timezone=True)))
    op.add_column("work_jobs", Column("stops", Integer, nullable=False, server_default="0"))
