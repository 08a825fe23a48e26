"""Permanent deletion of boards, with everything that belongs to them."""

import json
from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.storage.compare_schema import (
    compare_boards,
    compare_cells,
    compare_ratings,
    compare_similarities,
    compare_verdicts,
)
from core.storage.schema import work_items, work_jobs


def purge_boards(connection: Connection, owner: str, deleted_before: datetime) -> None:
    """Delete the boards of *owner* that were hidden before a time; their runs remain in the history."""
    is_purged = compare_boards.c.owner == owner, compare_boards.c.deleted_at < deleted_before
    ids = connection.scalars(select(compare_boards.c.id).where(*is_purged)).all()
    for board_id in ids:
        for table in (compare_cells, compare_ratings, compare_similarities, compare_verdicts):
            connection.execute(delete(table).where(table.c.board_id == board_id))
        _delete_jobs(connection, owner, board_id)
        connection.execute(delete(compare_boards).where(compare_boards.c.id == board_id))


def _delete_jobs(connection: Connection, owner: str, board_id: str) -> None:
    """Delete the jobs that run or judge the cells of a board, and their items, which have replies in them."""
    # As it is in the JSON of a job. In a text of it, such as that of a prompt, the quotes are escaped.
    is_of_board = work_jobs.c.data.contains(f'"board_id": {json.dumps(board_id)}', autoescape=True)
    is_job = work_jobs.c.owner == owner, work_jobs.c.capability.startswith("compare"), is_of_board
    ids = connection.scalars(select(work_jobs.c.id).where(*is_job)).all()
    for job_id in ids:
        connection.execute(delete(work_items).where(work_items.c.job_id == job_id))
        connection.execute(delete(work_jobs).where(work_jobs.c.id == job_id))
