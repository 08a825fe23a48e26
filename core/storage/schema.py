"""The tables, the same on SQLite and PostgreSQL. A change needs a revision in `migrations`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    desc,
)

import core.storage.compare_schema
import core.storage.history_schema  # noqa: F401 - they add their tables
from core.storage.metadata import UtcDateTime, id_column, meta, metadata, new_table

__all__ = ["meta", "metadata"]

# `touched` is a counter that grows with every new message; "last used first" sorts by it. `used_at` is the
# time of that for people.
conversations = new_table(
    "conversations",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("title", Text, nullable=False, default=""),
    Column("leaf_id", String(32)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("touched", Integer, nullable=False, index=True),
    Column("deleted_at", UtcDateTime),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("used_at", UtcDateTime, nullable=False),
    UniqueConstraint("id"),
    Index("conversations_by_owner", "owner", "touched"),
)

# `text` is the searchable text of the content; `parts` is its JSON if it has content parts.
messages = new_table(
    "messages",
    id_column(),
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
runs = new_table(
    "runs",
    id_column(),
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
run_events = new_table(
    "run_events",
    id_column("run_id"),
    Column("owner", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("run_id", "number"),
)

blobs = new_table(
    "blobs",
    Column("owner", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("owner", "digest"),
)

prompts = new_table(
    "prompts",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "name"),
)

# A job is many requests of one kind, which `core.runner` makes; it resumes a job that was stopped or killed.
# A budget is None without a limit; costs are in billionths of a dollar, which a database can add exactly.
# `stops` is how often it was stopped, for the other processes that request its items.
work_jobs = new_table(
    "work_jobs",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("capability", String(40), nullable=False),
    Column("title", Text, nullable=False),
    Column("profile_id", String(200), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("max_cost", BigInteger),
    Column("max_tokens", BigInteger),
    Column("data", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("stops", Integer, nullable=False, default=0),
    UniqueConstraint("id"),
    Index("work_jobs_by_owner", "owner", "capability"),
)

# `data` is the JSON of the request, or of what it is made from. `run_id` is the latest run of the item, whose
# lease shows whether a running item is alive; cost and tokens are of all its runs.
work_items = new_table(
    "work_items",
    id_column("job_id"),
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

# Until when no call to a model may start, after a server has refused one: for the runners of all processes.
# `scope` is the digest of the base URL and the model.
rate_limit_pauses = new_table(
    "rate_limit_pauses",
    Column("scope", String(64), nullable=False),
    Column("paused_until", UtcDateTime, nullable=False),
    UniqueConstraint("scope"),
)

# A schema is identified by the digest of its content, so an edited one is another version of its name.
extractor_schemas = new_table(
    "extractor_schemas",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "digest"),
)

# `value`, `problems` and `expected` are JSON; `job_id` and `key` are those of the row's work item.
extracted_rows = new_table(
    "extracted_rows",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    id_column("job_id"),
    Column("key", String(200), nullable=False),
    Column("document", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("value", Text, nullable=False),
    Column("problems", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("edited", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("job_id", "key"),
    Index("extracted_rows_by_schema", "owner", "digest"),
)

declared_tools = new_table(
    "declared_tools",
    Column("owner", String(200), nullable=False),
    Column("name", String(64), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("owner", "name"),
)

mcp_servers = new_table(
    "mcp_servers",
    Column("owner", String(200), nullable=False),
    Column("address", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("mcp_servers_by_owner", "owner"),
)

# `body` is the JSON of the batch. A batch that is being submitted has the lease of the process that does it.
batches = new_table(
    "batches",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("base_url", String(500), nullable=False),
    Column("remote_id", String(200)),
    Column("status", String(20), nullable=False),
    Column("holder", String(300), nullable=False, default=""),
    Column("alive_until", UtcDateTime),
    Column("body", Text, nullable=False),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "base_url", "remote_id"),
)

# `number` is that of the line in the input file; `cost` is in billionths of a dollar.
batch_results = new_table(
    "batch_results",
    id_column("batch_id"),
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
