"""Permanent deletion of runs, with everything that belongs to them."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select

from core.storage.blobs import blob_references, delete_unused_blobs
from core.storage.history_schema import deleted_runs, history_entries, run_notes, run_tags
from core.storage.own_runs import own_runs
from core.storage.schema import run_events, runs
from core.storage.text_search import delete_texts

RUNS_PER_STATEMENT = 500


def delete_runs(connection: Connection, owner: str, run_ids: Sequence[str]) -> None:
    """Delete the runs of *owner* permanently; messages and jobs that name them stay."""
    digests: set[str] = set()
    for start in range(0, len(run_ids), RUNS_PER_STATEMENT):
        own = own_runs(owner, run_ids[start : start + RUNS_PER_STATEMENT])
        rows = connection.execute(select(runs.c.seq, runs.c.id, runs.c.wire).where(*own)).all()
        for row in rows:
            digests |= blob_references(row.wire)
        ids, seqs = [row.id for row in rows], [row.seq for row in rows]
        delete_texts(connection, seqs)
        for table in (run_events, run_tags, run_notes, deleted_runs, history_entries):
            connection.execute(delete(table).where(table.c.run_id.in_(ids)))
        connection.execute(delete(runs).where(runs.c.seq.in_(seqs)))
    delete_unused_blobs(connection, owner, digests)
