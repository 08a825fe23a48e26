"""Fills the tables that the History page reads, from runs that have ended.

This happens beside the calls, so that saving a run takes no longer: seconds after it has ended, and slowly
in the background for the runs of an earlier version of the app.
"""

import json
import time
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, func, insert, select

from core.history.texts import MAX_SEARCHED_CHARACTERS, last_text, prompt_text, reply_text
from core.pricing.cost_units import cost_units
from core.runs.run import Run, RunState, from_json
from core.storage.engine import sanitise_text
from core.storage.history_schema import history_entries
from core.storage.schema import runs
from core.storage.store import Store
from core.storage.text_search import SearchText, add_texts

_PREVIEW = 200
# Other writers wait for a slice: 10 ms at most.
SLICE = 20

Entry = tuple[dict[str, Any], SearchText]


class HistoryIndexer:
    """Indexes the ended runs of all owners. Thread-safe; a `Store` needs one only."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._complete_below = 0  # all runs with a lower `seq` are indexed
        self._lock = Lock()

    def outstanding(self) -> list[int]:
        """Return the `seq` of the runs that have ended and are not indexed, newest first."""
        if self._store.problem:
            self._complete_below = 0
            return []
        is_indexed = select(history_entries.c.seq).where(history_entries.c.seq == runs.c.seq).exists()
        is_ended = runs.c.state != RunState.RUNNING.value
        ended = select(runs.c.seq).where(runs.c.seq >= self._complete_below, is_ended, ~is_indexed)
        running = select(func.min(runs.c.seq)).where(runs.c.state == RunState.RUNNING.value)
        newest = select(func.max(runs.c.seq))

        def read(connection: Connection) -> list[int]:
            # The runs that are still going on first: one of them may end before the next query.
            first_running, last = connection.scalar(running), connection.scalar(newest) or 0
            seqs = list(connection.scalars(ended.order_by(runs.c.seq.desc())))
            # Later runs have a greater `seq`, as no two transactions write at the same time.
            self._complete_below = min(first_running or last + 1, last + 1, *seqs[-1:])
            return seqs

        return self._store.read(read)

    def index(self, seqs: Sequence[int]) -> None:
        """Index the runs with these `seq`, in one transaction."""
        query = select(runs).where(runs.c.seq.in_(seqs))
        with self._lock:
            rows = self._store.read(lambda connection: connection.execute(query).all())
            if entries := [_entry(row) for row in rows]:
                self._store.run_transaction(lambda connection: _insert(connection, entries))

    def catch_up(self, seconds: float) -> int:
        """Index the newest runs, for about so long if there are many, and return how many are left."""
        deadline = time.monotonic() + seconds
        seqs = self.outstanding()
        while seqs:
            self.index(seqs[:SLICE])
            del seqs[:SLICE]
            if time.monotonic() > deadline:
                break
        return len(seqs)


def _entry(row: Row[Any]) -> Entry:
    run, wire = _parse(row), json.loads(row.wire)
    reply = reply_text(run, wire["response"])
    text = sanitise_text(f"{prompt_text(wire['params'])}\n{reply}")
    return _values(row, run, wire, reply), SearchText.of(row.seq, text[:MAX_SEARCHED_CHARACTERS])


def entry_values(row: Row[Any]) -> dict[str, Any]:
    """Return what the list shows of a row of `runs`, which may be running, as a row of `history_entries`."""
    run, wire = _parse(row), json.loads(row.wire)
    return _values(row, run, wire, reply_text(run, wire["response"]))


def _values(row: Row[Any], run: Run, wire: Mapping[str, Any], reply: str) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "run_id": row.id,
        "owner": row.owner,
        "capability": row.capability,
        "model": row.model,
        "profile": row.profile,
        "state": row.state,
        "started_at": row.started_at,
        "day": f"{row.started_at:%Y-%m-%d}",
        "cost": None if run.cost is None or run.cost.amount is None else cost_units(run.cost.amount),
        "input_tokens": run.usage.input_tokens if run.usage else None,
        "output_tokens": run.usage.output_tokens if run.usage else None,
        "first_token": run.first_token,
        "seconds": run.total,
        "error": preview(run.error.title if run.error else ""),
        "prompt": preview(last_text(wire["params"])),
        "reply": preview(reply),
    }


def _parse(row: Row[Any]) -> Run:
    """Return a run; without details, if another version of the app saved what cannot be read."""
    try:
        return from_json(row.body)
    except ValidationError:
        return Run(row.capability, "", {})


def preview(text: str) -> str:
    """Return the beginning of a text, as the list shows it."""
    return sanitise_text(" ".join(text[: 2 * _PREVIEW].split()))[:_PREVIEW]


def _insert(connection: Connection, entries: Sequence[Entry]) -> None:
    """Insert *entries* but those that another process has inserted or whose run was deleted meanwhile."""
    ids = {values["run_id"]: values["seq"] for values, _ in entries}
    existing = connection.execute(select(runs.c.id, runs.c.seq).where(runs.c.id.in_(ids))).all()
    # Before the database failed and recovered, the run may have had another `seq`.
    current = {row.seq for row in existing if ids[row.id] == row.seq}
    indexed = select(history_entries.c.seq).where(history_entries.c.seq.in_(current))
    current -= set(connection.scalars(indexed))
    new = [entry for entry in entries if entry[0]["seq"] in current]
    if new:
        connection.execute(insert(history_entries), [values for values, _ in new])
        add_texts(connection, [text for _, text in new])
