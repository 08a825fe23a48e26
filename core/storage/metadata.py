"""What the tables are made with, the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """A timezone-aware datetime in UTC, also on SQLite, which does not store time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's protocol
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the type's protocol
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_table(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    """Create a table with a `seq` column: rows are ordered by it, as a clock may be set back."""
    seq = Column("seq", Integer, primary_key=True, autoincrement=True)
    return Table(name, metadata, seq, *columns, sqlite_autoincrement=True)


def id_column(name: str = "id") -> Column[object]:
    return Column(name, String(32), nullable=False)


# About the database itself. It is the first table, at the beginning of a file, so that `DatabaseFile` notices
# at once that another file is being written over this one.
meta = new_table(
    "meta",
    Column("key", String(40), nullable=False, unique=True),
    Column("value", Text, nullable=False),
)
