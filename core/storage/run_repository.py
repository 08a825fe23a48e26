"""The runs of one owner, with every event, kept as they happen."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from core.conversations.messages import NotFound
from core.runs.run import Event, Run, RunState, from_json, to_json
from core.storage.blobs import delete_unused_blobs, extract_blobs, inline_blobs
from core.storage.engine import sanitise_text
from core.storage.leases import interrupt_orphans, lease_expiry, lease_holder
from core.storage.schema import run_events, runs
from core.storage.store import Store

_ZLIB_LEVEL = 1  # zlib's level: chunks repeat their keys, so even the fastest shrinks them tenfold


def upsert_run(connection: Connection, owner: str, run: Run) -> None:
    """Insert or update *run*; this process is from now on the one that keeps it alive.

    What went over the wire is written when the run begins and ends, not with every second of it.
    """
    own = runs.c.id == run.id, runs.c.owner == owner
    known = connection.execute(update(runs).where(*own).values(_row(run))).rowcount
    if not known:
        insert_run(connection, owner, run)
    elif run.state is not RunState.RUNNING:
        connection.execute(update(runs).where(*own).values(wire=_wire(connection, owner, run)))


def insert_run(connection: Connection, owner: str, run: Run) -> None:
    """Insert *run*, which is a new one."""
    row = _row(run) | {"id": run.id, "owner": owner, "wire": _wire(connection, owner, run)}
    connection.execute(insert(runs).values(row))


def _wire(connection: Connection, owner: str, run: Run) -> str:
    wire = {"params": run.params, "response": run.response}
    return extract_blobs(connection, owner, sanitise_text(json.dumps(wire, ensure_ascii=False)))


def _row(run: Run) -> dict[str, Any]:
    amount = run.cost.amount if run.cost else None
    return {
        "capability": run.capability,
        "model": run.model or str(run.params.get("model", "")),
        "profile": run.profile,
        "state": run.state.value,
        "started_at": run.started_at,
        "cost": None if amount is None else str(amount),
        "holder": lease_holder(),
        "alive_until": lease_expiry(),
        "body": to_json(_summary(run)),
    }


def _summary(run: Run) -> Run:
    """Return *run* with the plain ones of its parameters, no response, and texts that can be stored."""
    return replace(
        run,
        params={name: value for name, value in run.params.items() if isinstance(value, (bool, int, float))}
        | {"model": str(run.params.get("model", ""))},
        response=None,
        text=sanitise_text(run.text),
        reasoning=sanitise_text(run.reasoning),
        refusal=sanitise_text(run.refusal),
    )


def _load_full(connection: Connection, owner: str, row: Row[Any]) -> Run:
    wire = json.loads(inline_blobs(connection, owner, row.wire))
    return replace(from_json(row.body), params=wire["params"], response=wire["response"])


class RunRepository:
    """The runs of *owner*. Faults of the database raise nothing: see `Store.problem`."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def start(self, run: Run) -> None:
        """Keep a run that begins; it counts as alive while `save` is called every few seconds."""
        self._store.write(lambda connection: upsert_run(connection, self._owner, run), ("run", run.id))

    def save(self, run: Run) -> None:
        """Keep *run* as it now stands."""
        self._store.write(lambda connection: upsert_run(connection, self._owner, run), ("run", run.id))

    def append_events(self, run_id: str, events: Sequence[Event]) -> None:
        """Keep more events of a run; call it about once a second with what is new."""
        if not events:
            return
        body = zlib.compress(_pack(events), _ZLIB_LEVEL)

        def work(connection: Connection) -> None:
            mine = select(func.count()).where(*self._events_of(run_id))
            number = connection.scalar(mine) or 0
            row = {"run_id": run_id, "owner": self._owner, "number": number, "body": body}
            connection.execute(insert(run_events).values(row))

        self._store.write(work)

    def events(self, run_id: str) -> list[Event]:
        """Return all events of a run, in order."""
        query = select(run_events.c.body).where(*self._events_of(run_id)).order_by(run_events.c.number)
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [event for body in bodies for event in _unpack(zlib.decompress(body))]

    def get(self, run_id: str) -> Run:
        """Return a whole run. Raises NotFound."""
        if found := self.get_many([run_id]):
            return found[run_id]
        raise NotFound("This run no longer exists. Reload the page.")

    def get_many(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return those of *run_ids* that exist, whole and by id, in one query."""
        query = select(runs).where(runs.c.id.in_(run_ids), runs.c.owner == self._owner)

        def work(connection: Connection) -> dict[str, Run]:
            rows = connection.execute(query).all()
            return {row.id: _load_full(connection, self._owner, row) for row in rows}

        return self._store.read(work)

    def summaries(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return what `many` does without messages and responses: how it went, at a tenth of the price."""
        query = select(runs.c.body).where(runs.c.id.in_(run_ids), runs.c.owner == self._owner)
        found = [from_json(body) for body in self._store.read(lambda c: c.scalars(query).all())]
        return {run.id: run for run in found}

    def list(
        self, capability: str | None = None, state: RunState | None = None, limit: int = 50, offset: int = 0
    ) -> list[Run]:
        """Return runs as `outlines` does, newest first."""
        query = select(runs.c.body).where(runs.c.owner == self._owner)
        if capability:
            query = query.where(runs.c.capability == capability)
        if state:
            query = query.where(runs.c.state == state.value)
        query = query.order_by(runs.c.seq.desc()).limit(limit).offset(offset)
        return [from_json(body) for body in self._store.read(lambda c: c.scalars(query).all())]

    def delete(self, run_id: str) -> None:
        """Remove a run and its events for good."""

        def work(connection: Connection) -> None:
            connection.execute(delete(run_events).where(*self._events_of(run_id)))
            connection.execute(delete(runs).where(runs.c.id == run_id, runs.c.owner == self._owner))
            delete_unused_blobs(connection, self._owner)

        self._store.write(work)

    def interrupt_orphans(self) -> None:
        """Mark running runs of processes that died as interrupted, anybody's.

        Opening the store has done so; a process on another machine is known to be dead 15 s later.
        """
        self._store.write(interrupt_orphans)

    def _events_of(self, run_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return run_events.c.run_id == run_id, run_events.c.owner == self._owner


def _pack(events: Sequence[Event]) -> bytes:
    return json.dumps([[event.at, event.kind, event.data] for event in events]).encode()


def _unpack(packed: bytes) -> list[Event]:
    return [Event(*fields) for fields in json.loads(packed)]
