"""The tables of the History page, and the settings of an owner."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

revision = "0002"
down_revision = "0001"

metadata = MetaData()
_SEARCH_INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE history_search USING fts5"
        "(tokens, content='', columnsize=0, tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "ALTER TABLE history_texts ADD COLUMN tokens tsvector",
        "CREATE INDEX history_search ON history_texts USING gin (tokens)",
    ),
}


def upgrade() -> None:
    metadata.create_all(op.get_bind())
    for statement in _SEARCH_INDEX[op.get_bind().dialect.name]:
        op.execute(statement)


def _table(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    seq = Column("seq", Integer, primary_key=True, autoincrement=True)
    return Table(name, metadata, seq, *columns, sqlite_autoincrement=True)


_table(
    "run_tags",
    Column("owner", String(200), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("tag", String(60), nullable=False),
    UniqueConstraint("run_id", "tag"),
    Index("run_tags_by_owner", "owner", "tag"),
)

_table(
    "run_notes",
    Column("owner", String(200), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("note", Text, nullable=False),
    UniqueConstraint("run_id"),
)

_table(
    "deleted_runs",
    Column("owner", String(200), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("deleted_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("run_id"),
)

_table(
    "history_entries",
    Column("owner", String(200), nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("capability", String(40), nullable=False),
    Column("model", String(200), nullable=False),
    Column("profile", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("day", String(10), nullable=False),
    Column("cost", BigInteger),
    Column("input_tokens", BigInteger),
    Column("output_tokens", BigInteger),
    Column("first_token", Float),
    Column("seconds", Float),
    Column("error", String(200), nullable=False),
    Column("prompt", String(200), nullable=False),
    Column("reply", String(200), nullable=False),
    UniqueConstraint("run_id"),
    Index("history_entries_values", "owner", "capability", "model", "profile", "state"),
)

_table("history_texts", Column("text", Text, nullable=False))

_table(
    "settings",
    Column("owner", String(200), nullable=False),
    Column("name", String(40), nullable=False),
    Column("value", Text, nullable=False),
    UniqueConstraint("owner", "name"),
)
