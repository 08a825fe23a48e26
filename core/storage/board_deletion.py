"""Permanent deletion of boards, with everything that belongs to them."""

from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.storage.compare_schema import compare_boards, compare_cells, compare_ratings, compare_verdicts


def purge_boards(connection: Connection, owner: str, deleted_before: datetime) -> None:
    """Delete the boards of *owner* that were hidden before a time; their runs remain in the history."""
    is_purged = compare_boards.c.owner == owner, compare_boards.c.deleted_at < deleted_before
    ids = connection.scalars(select(compare_boards.c.id).where(*is_purged)).all()
    for board_id in ids:
        for table in (compare_cells, compare_ratings, compare_verdicts):
            connection.execute(delete(table).where(table.c.board_id == board_id))
        connection.execute(delete(compare_boards).where(compare_boards.c.id == board_id))
