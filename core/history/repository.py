"""The history of an owner in the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, literal, select

from core.history.filter import HistoryFilter
from core.history.indexer import entry_values, preview
from core.history.texts import excerpt
from core.pricing.cost_units import from_cost_units
from core.runs.run import RunState
from core.storage.engine import sanitise_text
from core.storage.history_schema import (
    deleted_runs,
    history_entries,
    history_texts,
    run_notes,
    run_tags,
)
from core.storage.metadata import UtcDateTime
from core.storage.run_deletion import RUNS_PER_STATEMENT, delete_runs
from core.storage.schema import messages, runs
from core.storage.store import Store

Values = tuple[str, ...]
MAX_TAG_LENGTH = 60


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A run in the list: *prompt* and *reply* are the beginnings of its last message and of its reply."""

    run_id: str
    capability: str
    model: str
    profile: str
    state: RunState
    started_at: datetime
    cost: Decimal | None
    input_tokens: int | None
    output_tokens: int | None
    first_token: float | None
    seconds: float | None
    error: str
    prompt: str
    reply: str
    tags: Values = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class HistoryValues:
    """The values that runs can be filtered by, the most frequent first."""

    capabilities: Values
    models: Values
    profiles: Values
    states: tuple[RunState, ...]
    tags: Values


@dataclass(frozen=True, slots=True)
class Deletion:
    """Runs that were deleted at one moment, to be restored together."""

    deleted_at: datetime
    count: int


class HistoryRepository:
    """The ended runs of *owner*, as far as `HistoryIndexer` has indexed them."""

    def __init__(self, store: Store, owner: str = "local") -> None:
        self._store = store
        self._owner = owner

    def list(self, chosen: HistoryFilter, limit: int = 50, offset: int = 0) -> list[HistoryEntry]:
        """Return entries, newest first."""

        def read(connection: Connection) -> list[HistoryEntry]:
            query = select(history_entries).where(*chosen.conditions(self._owner, connection.dialect))
            query = query.order_by(history_entries.c.seq.desc()).limit(limit).offset(offset)
            rows = connection.execute(query).all()
            ids = [row.run_id for row in rows]
            tags, notes = _tags(connection, ids), _notes(connection, ids)
            return [_to_entry(row, tags.get(row.run_id, ()), notes.get(row.run_id, "")) for row in rows]

        return self._store.read(read)

    def running(self, chosen: HistoryFilter, limit: int = 20) -> Sequence[HistoryEntry]:
        """Return the newest calls under way that meet the conditions, as far as they were last saved."""
        is_running = runs.c.state == RunState.RUNNING.value, runs.c.owner == self._owner
        conditions = chosen.running_conditions()
        query = select(runs).where(*is_running, *conditions).order_by(runs.c.seq.desc()).limit(limit)

        def read(connection: Connection) -> Sequence[HistoryEntry]:
            rows = connection.execute(query).all()
            questions = _questions(connection, [row.id for row in rows])
            values = [entry_values(row) for row in rows]
            for each in values:
                each["prompt"] = each["prompt"] or questions.get(each["run_id"], "")
            return [_to_entry(SimpleNamespace(**each), (), "") for each in values]

        return self._store.read(read)

    def run_ids(self, chosen: HistoryFilter) -> Sequence[str]:
        """Return the ids of all runs that meet the conditions, newest first."""

        def read(connection: Connection) -> Sequence[str]:
            query = select(history_entries.c.run_id).order_by(history_entries.c.seq.desc())
            conditions = chosen.conditions(self._owner, connection.dialect)
            return connection.scalars(query.where(*conditions)).all()

        return self._store.read(read)

    def matches(self, chosen: HistoryFilter, run_ids: Sequence[str]) -> dict[str, str]:
        """Return an excerpt with the first searched word, by the ids of those *run_ids* that contain it."""
        # As in `own_runs`, a plain comparison of the owner would be slow.
        is_own = func.coalesce(history_entries.c.owner, "") == self._owner
        is_run = history_entries.c.run_id.in_(run_ids), is_own
        query = select(history_entries.c.run_id, history_texts.c.text)
        query = query.join(history_texts, history_texts.c.seq == history_entries.c.seq).where(*is_run)
        rows = self._store.read(lambda connection: connection.execute(query).all())
        excerpts = {row.run_id: excerpt(row.text, chosen.search) for row in rows}
        return {run_id: text for run_id, text in excerpts.items() if text}

    def count(self, chosen: HistoryFilter) -> int:
        def read(connection: Connection) -> int:
            query = select(func.count()).select_from(history_entries)
            return connection.scalar(query.where(*chosen.conditions(self._owner, connection.dialect))) or 0

        return self._store.read(read)

    def values(self) -> HistoryValues:
        entry = history_entries.c
        columns = entry.capability, entry.model, entry.profile, entry.state
        entries = select(*columns, func.count()).where(entry.owner == self._owner).group_by(*columns)
        tags = (
            select(run_tags.c.tag).where(run_tags.c.owner == self._owner).distinct().order_by(run_tags.c.tag)
        )

        def read(connection: Connection) -> HistoryValues:
            counts = [Counter[str]() for _ in columns]
            for *values, count in connection.execute(entries):
                for counter, value in zip(counts, values, strict=True):
                    counter[value] += count
            capabilities, models, profiles, states = (
                tuple(value for value, _ in counter.most_common()) for counter in counts
            )
            used_tags = tuple(connection.scalars(tags))
            return HistoryValues(capabilities, models, profiles, tuple(map(RunState, states)), used_tags)

        return self._store.read(read)

    def entry(self, run_id: str) -> HistoryEntry | None:
        """Return the entry of a run; None if it does not exist, was deleted or has not ended."""
        return next(iter(self.list(HistoryFilter(run_ids=[run_id]))), None)

    def deleted(self, run_ids: Sequence[str]) -> set[str]:
        """Return those of *run_ids* that are hidden because they were deleted."""
        own = deleted_runs.c.owner == self._owner, deleted_runs.c.run_id.in_(run_ids)
        query = select(deleted_runs.c.run_id).where(*own)
        return self._store.read(lambda connection: set(connection.scalars(query)))

    def set_tags(self, run_id: str, tags: Sequence[str]) -> None:
        """Replace the tags of a run; white space in them is normalised."""
        names = dict.fromkeys(sanitise_text(" ".join(tag.split()))[:MAX_TAG_LENGTH] for tag in tags)
        rows = [{"owner": self._owner, "run_id": run_id, "tag": tag} for tag in names if tag]

        def write(connection: Connection) -> None:
            own = run_tags.c.run_id == run_id, run_tags.c.owner == self._owner
            connection.execute(delete(run_tags).where(*own))
            if rows:
                connection.execute(insert(run_tags), rows)

        self._store.write(write)

    def set_note(self, run_id: str, note: str) -> None:
        """Replace the note of a run; an empty one deletes it."""
        row = {"owner": self._owner, "run_id": run_id, "note": sanitise_text(note.strip())}

        def write(connection: Connection) -> None:
            own = run_notes.c.run_id == run_id, run_notes.c.owner == self._owner
            connection.execute(delete(run_notes).where(*own))
            if row["note"]:
                connection.execute(insert(run_notes).values(row))

        self._store.write(write)

    def delete(self, chosen: HistoryFilter) -> Deletion:
        """Hide all runs that meet the conditions; `purge` deletes them permanently."""
        now = datetime.now(UTC)
        entry = history_entries.c

        def write(connection: Connection) -> int:
            conditions = list(chosen.conditions(self._owner, connection.dialect))
            count = connection.scalar(select(func.count()).select_from(history_entries).where(*conditions))
            hidden = select(entry.owner, entry.run_id, literal(now, UtcDateTime)).where(*conditions)
            columns = ["owner", "run_id", "deleted_at"]
            connection.execute(insert(deleted_runs).from_select(columns, hidden))
            return count or 0

        return Deletion(now, self._store.run_transaction(write))

    def restore(self, deletion: Deletion) -> None:
        """Undo `delete`."""
        own = deleted_runs.c.owner == self._owner, deleted_runs.c.deleted_at == deletion.deleted_at
        self._store.write(lambda connection: connection.execute(delete(deleted_runs).where(*own)))

    def purge(self, deleted_before: datetime) -> None:
        """Delete the runs permanently that were hidden before a time."""
        own = deleted_runs.c.owner == self._owner, deleted_runs.c.deleted_at < deleted_before
        self._delete_runs(select(deleted_runs.c.run_id).where(*own))

    def delete_started_before(self, moment: datetime) -> None:
        """Delete the runs permanently that were started before *moment*."""
        entry = history_entries.c
        self._delete_runs(select(entry.run_id).where(entry.owner == self._owner, entry.started_at < moment))

    def _delete_runs(self, run_ids: Select[Any]) -> None:
        """Delete runs some at a time, so that calls can be saved in between."""
        batch = run_ids.limit(RUNS_PER_STATEMENT)
        while ids := self._store.read(lambda connection: list(connection.scalars(batch))):
            self._store.write(partial(delete_runs, owner=self._owner, run_ids=ids))


def _questions(connection: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    """Return the messages that runs of conversations reply to: their requests are saved when they end."""
    question, reply = messages.alias(), messages.alias()
    query = select(reply.c.run_id, question.c.text).join(question, question.c.id == reply.c.parent_id)
    rows = connection.execute(query.where(reply.c.run_id.in_(run_ids)))
    return {row.run_id: preview(row.text) for row in rows}


def _tags(connection: Connection, run_ids: Sequence[str]) -> dict[str, Values]:
    query = select(run_tags.c.run_id, run_tags.c.tag).where(run_tags.c.run_id.in_(run_ids))
    tags: dict[str, Values] = {}
    for row in connection.execute(query.order_by(run_tags.c.seq)):
        tags[row.run_id] = (*tags.get(row.run_id, ()), row.tag)
    return tags


def _notes(connection: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    query = select(run_notes.c.run_id, run_notes.c.note).where(run_notes.c.run_id.in_(run_ids))
    return {row.run_id: row.note for row in connection.execute(query)}


def _to_entry(row: Any, tags: Values, note: str) -> HistoryEntry:
    return HistoryEntry(
        run_id=row.run_id,
        capability=row.capability,
        model=row.model,
        profile=row.profile,
        state=RunState(row.state),
        started_at=row.started_at,
        cost=None if row.cost is None else from_cost_units(row.cost),
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        first_token=row.first_token,
        seconds=row.seconds,
        error=row.error,
        prompt=row.prompt,
        reply=row.reply,
        tags=tags,
        note=note,
    )
