"""The tables, the same on SQLite and PostgreSQL. `core.storage.migrations` creates and changes them."""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    LargeBinary,
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


def _table(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    """Create a table with a `seq` column: rows are ordered by it, as a clock may be set back."""
    seq = Column("seq", Integer, primary_key=True, autoincrement=True)
    return Table(name, metadata, seq, *columns, sqlite_autoincrement=True)


def _id_column(name: str = "id") -> Column[object]:
    return Column(name, String(32), nullable=False)


meta = _table(
    "meta",
    Column("key", String(40), nullable=False, unique=True),
    Column("value", Text, nullable=False),
)

# `touched` is a counter that grows with every new message; "last used first" sorts by it.
conversations = _table(
    "conversations",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("leaf_id", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("touched", Integer, nullable=False, index=True),
    Column("deleted_at", UtcDateTime),
    UniqueConstraint("id"),
    Index("conversations_by_owner", "owner", "touched"),
)

# `text` is the searchable text of the content; `parts` is its JSON if it has content parts.
messages = _table(
    "messages",
    _id_column(),
    Column("conversation_id", String(32), nullable=False, index=True),
    Column("owner", String(200), nullable=False),
    Column("parent_id", String(32)),
    Column("role", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("run_id", String(32), index=True),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("deleted", Boolean, nullable=False, default=False),
    UniqueConstraint("id"),
)

# `body` is the run's JSON without its messages and response; `wire` is the JSON of these. `holder` and
# `alive_until` are the lease of the process that makes the call.
runs = _table(
    "runs",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("capability", String(40), nullable=False),
    Column("model", String(200), nullable=False),
    Column("profile", String(200), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("started_at", UtcDateTime, nullable=False),
    Column("cost", String(40)),
    Column("holder", String(300), nullable=False),
    Column("alive_until", UtcDateTime, nullable=False),
    Column("body", Text, nullable=False),
    Column("wire", Text, nullable=False),
    UniqueConstraint("id"),
    Index("runs_by_owner", "owner", "capability"),
)

# `body` is a compressed JSON array of events; a run has several rows, `number` is their order.
run_events = _table(
    "run_events",
    _id_column("run_id"),
    Column("owner", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("run_id", "number"),
)

blobs = _table(
    "blobs",
    Column("owner", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("owner", "digest"),
)

prompts = _table(
    "prompts",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "name"),
)
