"""The condition for runs by their ids."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func

from core.storage.schema import runs


def own_runs(owner: str, run_ids: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions for the rows of *run_ids* that are runs of *owner*."""
    # Not a plain comparison: for five ids or more, SQLite would read all runs of the owner by their index.
    return runs.c.id.in_(run_ids), func.coalesce(runs.c.owner, "") == owner
