"""The tables of the Compare page."""

from alembic import op
from sqlalchemy import Column, DateTime, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

revision = "0003"
down_revision = "0002"

metadata = MetaData()


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def _table(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    seq = Column("seq", Integer, primary_key=True, autoincrement=True)
    return Table(name, metadata, seq, *columns, sqlite_autoincrement=True)


_table(
    "compare_boards",
    Column("id", String(32), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("saved", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("id"),
    Index("compare_boards_by_owner", "owner", "saved"),
)

_table(
    "compare_cells",
    Column("board_id", String(32), nullable=False),
    Column("variant_id", String(32), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("repetition", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("run_id", String(32), nullable=False),
    UniqueConstraint("run_id"),
    Index("compare_cells_by_board", "board_id", "seq"),
)

_table(
    "compare_ratings",
    Column("board_id", String(32), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("rater", String(100), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("board_id", "run_id", "rater"),
)

_table(
    "compare_verdicts",
    Column("board_id", String(32), nullable=False),
    Column("judge", String(64), nullable=False),
    Column("first_run_id", String(32), nullable=False),
    Column("second_run_id", String(32), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("winner", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("board_id", "judge", "first_run_id", "second_run_id"),
)
