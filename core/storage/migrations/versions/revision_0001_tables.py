"""The tables before Alembic; those that a database of an earlier version already has are left alone."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    desc,
)

revision = "0001"
down_revision = None

metadata = MetaData()


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def _table(name: str, *columns: Column[object] | UniqueConstraint | Index) -> Table:
    seq = Column("seq", Integer, primary_key=True, autoincrement=True)
    return Table(name, metadata, seq, *columns, sqlite_autoincrement=True)


def _id_column(name: str = "id") -> Column[object]:
    return Column(name, String(32), nullable=False)


_table(
    "meta",
    Column("key", String(40), nullable=False, unique=True),
    Column("value", Text, nullable=False),
)

_table(
    "conversations",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("leaf_id", String(32)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("touched", Integer, nullable=False, index=True),
    Column("deleted_at", DateTime(timezone=True)),
    UniqueConstraint("id"),
    Index("conversations_by_owner", "owner", "touched"),
)

_table(
    "messages",
    _id_column(),
    Column("conversation_id", String(32), nullable=False, index=True),
    Column("owner", String(200), nullable=False),
    Column("parent_id", String(32)),
    Column("role", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("parts", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("run_id", String(32), index=True),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("deleted", Boolean, nullable=False, default=False),
    UniqueConstraint("id"),
)

_table(
    "runs",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("capability", String(40), nullable=False),
    Column("model", String(200), nullable=False),
    Column("profile", String(200), nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("cost", String(40)),
    Column("holder", String(300), nullable=False),
    Column("alive_until", DateTime(timezone=True), nullable=False),
    Column("body", Text, nullable=False),
    Column("wire", Text, nullable=False),
    UniqueConstraint("id"),
    Index("runs_by_owner", "owner", "capability"),
)

_table(
    "run_events",
    _id_column("run_id"),
    Column("owner", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("run_id", "number"),
)

_table(
    "blobs",
    Column("owner", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("owner", "digest"),
)

_table(
    "prompts",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "name"),
)

_table(
    "work_jobs",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("capability", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("profile_id", String(200), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("max_cost", BigInteger),
    Column("max_tokens", BigInteger),
    Column("data", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("id"),
    Index("work_jobs_by_owner", "owner", "capability"),
)

_table(
    "work_items",
    _id_column("job_id"),
    Column("key", String(200), nullable=False),
    Column("data", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("run_id", String(32)),
    Column("cost", BigInteger, nullable=False, default=0),
    Column("tokens", BigInteger, nullable=False, default=0),
    UniqueConstraint("job_id", "key"),
    # The next items to claim are the first ones of this index.
    Index("work_items_by_state", "job_id", "state", desc("priority"), "seq"),
)

_table(
    "extractor_schemas",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "digest"),
)

_table(
    "extracted_rows",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    _id_column("job_id"),
    Column("key", String(200), nullable=False),
    Column("document", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("edited", Boolean, nullable=False, default=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("job_id", "key"),
    Index("extracted_rows_by_schema", "owner", "digest"),
)

_table(
    "declared_tools",
    Column("owner", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("owner", "name"),
)

_table(
    "mcp_servers",
    Column("owner", String(200), nullable=False),
    Column("address", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("mcp_servers_by_owner", "owner"),
)

_table(
    "batches",
    _id_column(),
    Column("owner", String(200), nullable=False),
    Column("base_url", String(500), nullable=False),
    Column("remote_id", String(200)),
    Column("status", String(20), nullable=False),
    Column("holder", String(300), nullable=False, default=""),
    Column("alive_until", DateTime(timezone=True)),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "base_url", "remote_id"),
)

_table(
    "batch_results",
    _id_column("batch_id"),
    Column("number", Integer, nullable=False),
    Column("custom_id", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("status_code", Integer),
    Column("text", Text, nullable=False),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger),
    Column("error_code", Text, nullable=False),
    Column("error_message", Text, nullable=False),
    UniqueConstraint("batch_id", "number"),
)
