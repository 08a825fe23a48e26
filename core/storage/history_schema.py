"""The tables of the History page."""

from sqlalchemy import DDL, BigInteger, Column, Float, Index, String, Text, UniqueConstraint, event

from core.storage.metadata import UtcDateTime, id_column, new_table

# The tag of runs whose calls were made elsewhere. The figures of the dashboard are without them.
IMPORTED_TAG = "imported"

# What a user has added to runs. A run that was deleted is hidden, and purged a day later.
run_tags = new_table(
    "run_tags",
    Column("owner", String(200), nullable=False),
    id_column("run_id"),
    Column("tag", String(60), nullable=False),
    UniqueConstraint("run_id", "tag"),
    Index("run_tags_by_owner", "owner", "tag"),
)

run_notes = new_table(
    "run_notes",
    Column("owner", String(200), nullable=False),
    id_column("run_id"),
    Column("note", Text, nullable=False),
    UniqueConstraint("run_id"),
)

deleted_runs = new_table(
    "deleted_runs",
    Column("owner", String(200), nullable=False),
    id_column("run_id"),
    Column("deleted_at", UtcDateTime, nullable=False),
    UniqueConstraint("run_id"),
)

# `history_entries` and `history_texts` are derived from ended runs, whose `seq` they have: small rows to list
# and add up, and the text to search in. `core.history.indexer` fills them and may do so again.
# `day` is in UTC; costs are in billionths of a dollar.
history_entries = new_table(
    "history_entries",
    Column("owner", String(200), nullable=False),
    id_column("run_id"),
    Column("capability", String(40), nullable=False),
    Column("model", String(200), nullable=False),
    Column("profile", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
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
    # The values to filter by are read from it alone.
    Index("history_entries_values", "owner", "capability", "model", "profile", "state"),
)

history_texts = new_table("history_texts", Column("text", Text, nullable=False))

# What `core.storage.text_search` searches. FTS5 keeps no copy of the text.
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
for _dialect, _statements in _SEARCH_INDEX.items():
    for _statement in _statements:
        event.listen(history_texts, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

settings = new_table(
    "settings",
    Column("owner", String(200), nullable=False),
    Column("name", String(40), nullable=False),
    Column("value", Text, nullable=False),
    UniqueConstraint("owner", "name"),
)
