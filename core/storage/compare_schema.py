"""The tables of the Compare page."""

from sqlalchemy import Column, Float, Index, Integer, String, Text, UniqueConstraint

from core.storage.metadata import UtcDateTime, id_column, new_table

# `body` is the JSON of the board; a board is ordered by `saved`, a counter that grows with every change.
# One that was deleted is hidden, and purged a day later.
compare_boards = new_table(
    "compare_boards",
    id_column(),
    Column("owner", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("saved", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime),
    UniqueConstraint("id"),
    Index("compare_boards_by_owner", "owner", "saved"),
)

# A result is the latest row of its place; earlier ones are what it is compared with. `digest` is that of the
# request, which tells results of an edited variant.
compare_cells = new_table(
    "compare_cells",
    id_column("board_id"),
    Column("variant_id", String(32), nullable=False),
    Column("case_id", String(32), nullable=False),
    Column("repetition", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    id_column("run_id"),
    UniqueConstraint("run_id"),
    Index("compare_cells_by_board", "board_id", "seq"),
)

# What a person thinks of a reply: `body` is the JSON of the rating.
compare_ratings = new_table(
    "compare_ratings",
    id_column("board_id"),
    id_column("run_id"),
    Column("rater", String(100), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("board_id", "run_id", "rater"),
)

# What a model thinks of two replies, `first_run_id` being the one that it was shown first. `judge` is the
# digest of its rubric and settings, `run_id` its own run, `winner` is "first", "second", "tie" or "invalid".
compare_verdicts = new_table(
    "compare_verdicts",
    id_column("board_id"),
    Column("judge", String(64), nullable=False),
    id_column("first_run_id"),
    id_column("second_run_id"),
    id_column("run_id"),
    Column("winner", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("board_id", "judge", "first_run_id", "second_run_id"),
)

# How similar two texts are by the embeddings of a model; `digest` is that of all three.
compare_similarities = new_table(
    "compare_similarities",
    id_column("board_id"),
    Column("digest", String(64), nullable=False),
    Column("value", Float, nullable=False),
    UniqueConstraint("board_id", "digest"),
)
