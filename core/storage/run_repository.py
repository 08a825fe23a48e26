"""Storage of runs and their events, by owner."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from core.errors.types import NotFound
from core.runs.run import Event, Run, RunState, from_json, to_json
from core.storage.blobs import extract_blobs, inline_blobs
from core.storage.engine import sanitise_text
from core.storage.leases import lease_expiry, lease_holder
from core.storage.own_runs import own_runs
from core.storage.owner_settings import records_runs
from core.storage.run_deletion import delete_runs
from core.storage.schema import run_events, runs
from core.storage.store import Store
from core.storage.unrecorded import unrecorded

_ZLIB_LEVEL = 1  # chunks repeat their keys, so even the fastest level compresses them tenfold


def upsert_run(connection: Connection, owner: str, run: Run) -> None:
    """Insert or update *run*, and renew its lease for this process."""
    unrecorded.update(run)
    matches = runs.c.id == run.id, runs.c.owner == owner
    exists = connection.execute(update(runs).where(*matches).values(_to_row(run))).rowcount
    if not exists:
        insert_run(connection, owner, run)
    elif run.state is not RunState.RUNNING:
        # Request and response may be large, so they are not written again while the run is received.
        connection.execute(update(runs).where(*matches).values(wire=_wire(connection, owner, run)))


def insert_run(connection: Connection, owner: str, run: Run) -> None:
    """Insert a new run. Raises IntegrityError if its id exists."""
    _apply_recording(connection, owner, [run])
    connection.execute(insert(runs), _full_row(connection, owner, run))


def insert_runs(connection: Connection, owner: str, new: Sequence[Run]) -> None:
    """Insert new runs with one statement. Raises IntegrityError if an id exists."""
    if new:
        _apply_recording(connection, owner, new)
        connection.execute(insert(runs), [_full_row(connection, owner, run) for run in new])


def insert_missing_runs(connection: Connection, owner: str, ended: Sequence[Run]) -> None:
    """Insert those of *ended* whose ids do not exist. No other process writes in between.

    If *owner* does not record, they lose their contents, also in memory: tens of thousands at once would
    displace those that pages show.
    """
    existing = set(connection.scalars(select(runs.c.id).where(runs.c.id.in_([run.id for run in ended]))))
    new = [run for run in ended if run.id not in existing]
    if not records_runs(connection, owner):
        new = [_without_content(run) for run in new]
    if new:
        connection.execute(insert(runs), [_full_row(connection, owner, run) for run in new])


def save_ended_runs(connection: Connection, owner: str, ended: Sequence[tuple[Run, Sequence[Event]]]) -> None:
    """Update runs of `insert_runs` that have ended, and insert all their events, with one statement each.

    Raises IntegrityError if the events of a run exist.
    """
    if not ended:
        return
    for run, events in ended:
        unrecorded.update(run)
        unrecorded.add_events(run.id, events)
    rows = [
        {f"_{name}": value for name, value in _full_row(connection, owner, run).items()} for run, _ in ended
    ]
    matches = runs.c.id == bindparam("_id"), runs.c.owner == bindparam("_owner")
    values: dict[str, Any] = {
        name: bindparam(f"_{name}")
        for name in ("state", "started_at", "cost", "model", "alive_until", "body", "wire")
    }
    connection.execute(update(runs).where(*matches).values(values), rows)
    bodies = [
        {"run_id": run.id, "owner": owner, "number": 0, "body": zlib.compress(_pack(events), _ZLIB_LEVEL)}
        for run, events in ended
        if run.id not in unrecorded
    ]
    if bodies:
        connection.execute(insert(run_events), bodies)


def renew_leases(connection: Connection, owner: str, run_ids: Sequence[str]) -> None:
    """Mark running runs as alive."""
    connection.execute(update(runs).where(*own_runs(owner, run_ids)).values(alive_until=lease_expiry()))


def _full_row(connection: Connection, owner: str, run: Run) -> dict[str, Any]:
    return _to_row(run) | {"id": run.id, "owner": owner, "wire": _wire(connection, owner, run)}


def _apply_recording(connection: Connection, owner: str, new: Sequence[Run]) -> None:
    """Keep new runs out of the database if *owner* does not record: this is where it is decided."""
    if not records_runs(connection, owner):
        for run in new:
            unrecorded.add(run)


def _wire(connection: Connection, owner: str, run: Run) -> str:
    if run.id in unrecorded:
        return json.dumps({"params": _small_params(run), "response": None})
    wire = {"params": run.params, "response": run.response}
    return extract_blobs(connection, owner, sanitise_text(json.dumps(wire, ensure_ascii=False)))


def _to_row(run: Run) -> dict[str, Any]:
    # The body must stay small, as lists and totals read many of them: no messages, tools or response.
    if run.id in unrecorded:
        run = _without_content(run)
    summary = replace(
        run,
        params=_small_params(run),
        response=None,
        text=sanitise_text(run.text),
        reasoning=sanitise_text(run.reasoning),
        refusal=sanitise_text(run.refusal),
    )
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
        "body": to_json(summary),
    }


def _without_content(run: Run) -> Run:
    run = replace(run, params=_small_params(run), response=None)
    return replace(run, text="", reasoning="", refusal="", recorded=False)


def _small_params(run: Run) -> dict[str, Any]:
    small = {name: value for name, value in run.params.items() if isinstance(value, (bool, int, float))}
    # A request that continues a stored response lacks the earlier messages and images.
    previous_id = run.params.get("previous_response_id")
    state = {"previous_response_id": previous_id} if isinstance(previous_id, str) else {}
    return small | state | {"model": str(run.params.get("model", ""))}


class RunRepository:
    """The runs of *owner*. A database failure raises nothing: see `Store.problem`."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def save(self, run: Run) -> None:
        """Save a new or changed run. A running one counts as alive while this is called every few seconds."""
        self._store.write(lambda connection: upsert_run(connection, self._owner, run), ("run", run.id))

    def append_events(self, run_id: str, events: Sequence[Event]) -> None:
        """Save new events of a run; call it several times a second at most."""
        if not events or unrecorded.add_events(run_id, events):
            return
        body = zlib.compress(_pack(events), _ZLIB_LEVEL)

        def insert_events(connection: Connection) -> None:
            number = connection.scalar(select(func.count()).where(*self._events_of(run_id))) or 0
            row = {"run_id": run_id, "owner": self._owner, "number": number, "body": body}
            connection.execute(insert(run_events).values(row))

        self._store.write(insert_events)

    def events(self, run_id: str) -> list[Event]:
        """Return all events of a run, in order."""
        if run_id in unrecorded:
            return unrecorded.events(run_id)
        query = select(run_events.c.body).where(*self._events_of(run_id)).order_by(run_events.c.number)
        bodies = self._store.read(lambda connection: connection.scalars(query).all())
        return [event for body in bodies for event in _unpack(zlib.decompress(body))]

    def get(self, run_id: str) -> Run:
        """Return a run with its messages and response. Raises NotFound."""
        if result := self.get_many([run_id]):
            return result[run_id]
        raise NotFound("This run no longer exists. Reload the page.")

    def get_many(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Return those of *run_ids* that exist by id, with messages and responses."""
        query = select(runs).where(*own_runs(self._owner, run_ids))

        def load(connection: Connection) -> dict[str, Run]:
            result = {}
            for row in connection.execute(query).all():
                wire = json.loads(inline_blobs(connection, self._owner, row.wire))
                run = replace(from_json(row.body), params=wire["params"], response=wire["response"])
                result[row.id] = unrecorded.get(row.id) or run
            return result

        return self._store.read(load)

    def summaries(self, run_ids: Sequence[str]) -> dict[str, Run]:
        """Like `get_many`, but without messages and responses, which takes a tenth of the time."""
        query = select(runs.c.body).where(*own_runs(self._owner, run_ids))
        summaries = [from_json(body) for body in self._store.read(lambda c: c.scalars(query).all())]
        return {run.id: unrecorded.get(run.id) or run for run in summaries}

    def list(
        self, capability: str | None = None, state: RunState | None = None, limit: int = 50, offset: int = 0
    ) -> list[Run]:
        """Return runs without messages and responses, newest first."""
        query = select(runs.c.body).where(runs.c.owner == self._owner)
        if capability:
            query = query.where(runs.c.capability == capability)
        if state:
            query = query.where(runs.c.state == state.value)
        query = query.order_by(runs.c.seq.desc()).limit(limit).offset(offset)
        return [from_json(body) for body in self._store.read(lambda c: c.scalars(query).all())]

    def delete(self, run_id: str) -> None:
        """Delete a run permanently."""
        self._store.write(lambda connection: delete_runs(connection, self._owner, [run_id]))

    def _events_of(self, run_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return run_events.c.run_id == run_id, run_events.c.owner == self._owner


def _pack(events: Sequence[Event]) -> bytes:
    return json.dumps([[event.at, event.kind, event.data] for event in events]).encode()


def _unpack(packed: bytes) -> list[Event]:
    return [Event(*fields) for fields in json.loads(packed)]
