"""The queue of a job in the database."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from core.runner.work import (
    Claim,
    EndedItem,
    ItemState,
    SavedItem,
    WorkItem,
    WorkProgress,
)
from core.storage.engine import sanitise_text
from core.storage.leases import is_orphaned, lease_holder
from core.storage.own_runs import own_runs
from core.storage.run_repository import insert_runs, renew_leases, save_ended_runs
from core.storage.schema import runs, work_items, work_jobs
from core.storage.store import Store

T = TypeVar("T")
_ITEMS_PER_TRANSACTION = 500
# Costs are saved as whole billionths of a dollar: a token of the cheapest embedding costs ten.
UNITS_PER_DOLLAR = 10**9


class DatabaseQueue:
    """The items of the job *job_id* of *owner*; see `WorkQueue`."""

    def __init__(self, store: Store, owner: str, job_id: str) -> None:
        self._store = store
        self._owner = owner
        self._job_id = job_id

    def enqueue(self, items: Iterable[WorkItem]) -> int:
        added = 0
        for batch in in_batches(items):
            insert_batch = partial(insert_items, job_id=self._job_id, items=batch)
            added += self._store.run_transaction(insert_batch)
        return added

    def recover(self) -> int:
        query = (
            select(work_items.c.seq, runs.c.holder, runs.c.alive_until)
            .join_from(work_items, runs, runs.c.id == work_items.c.run_id, isouter=True)
            .where(*self._in_state(ItemState.RUNNING))
        )

        def recover(connection: Connection) -> int:
            now = datetime.now(UTC)
            lost = [
                row.seq
                for row in connection.execute(query).all()
                # A job has one runner in a process, and this one has not claimed anything yet.
                if row.holder in (None, lease_holder()) or is_orphaned(row.holder, row.alive_until, now)
            ]
            for seqs in in_batches(lost):
                matches = work_items.c.seq.in_(seqs)
                connection.execute(update(work_items).where(matches).values(state=ItemState.WAITING.value))
            return len(lost)

        return self._store.run_transaction(recover)

    def claim(self, limit: int, prepare: Callable[[WorkItem], Claim]) -> list[Claim]:
        claims: list[Claim] = []
        # Again for those that another process has claimed since they were read.
        while missing := limit - len(claims):
            # Outside the transaction, because `prepare` is code of the caller.
            new = [prepare(item) for item in self._waiting(missing)]
            if new:
                claim = partial(self._claim_waiting, claims=new)
                claims += self._store.run_transaction(claim, excludes_others=True)
            if len(new) < missing:
                break
        return claims

    def _waiting(self, limit: int) -> list[WorkItem]:
        """Return the items that are to be claimed next."""
        query = (
            select(work_items.c.key, work_items.c.data, work_items.c.priority)
            .where(*self._in_state(ItemState.WAITING))
            .order_by(work_items.c.priority.desc(), work_items.c.seq)
            .limit(limit)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return [WorkItem(row.key, json.loads(row.data), row.priority) for row in rows]

    def _claim_waiting(self, connection: Connection, claims: Sequence[Claim]) -> list[Claim]:
        """Claim those of *claims* whose items are still waiting, and return them."""
        keys = [each.item.key for each in claims]
        is_free = *self._in_state(ItemState.WAITING), work_items.c.key.in_(keys)
        free = set(connection.scalars(select(work_items.c.key).where(*is_free)))
        own = [each for each in claims if each.item.key in free]
        if own:
            matches = work_items.c.job_id == self._job_id, work_items.c.key == bindparam("item")
            values = {"state": ItemState.RUNNING.value, "run_id": bindparam("run")}
            parameters = [{"item": each.item.key, "run": each.run.id} for each in own]
            connection.execute(update(work_items).where(*matches).values(values), parameters)
            insert_runs(connection, self._owner, [each.run for each in own])
        return own

    def renew(self, claims: Sequence[Claim]) -> None:
        run_ids = [claimed.run.id for claimed in claims]
        self._store.write(lambda connection: renew_leases(connection, self._owner, run_ids))

    def complete(self, items: Sequence[EndedItem]) -> int:
        rows = [
            {
                "item": ended.item.key,
                "run": ended.run.id,
                "new_state": ended.state.value,
                "spent": cost_units(ended.run.cost.amount if ended.run.cost else None),
                "used": ended.run.usage.total_tokens if ended.run.usage else 0,
            }
            for ended in items
        ]
        matches = (
            work_items.c.job_id == self._job_id,
            work_items.c.key == bindparam("item"),
            work_items.c.run_id == bindparam("run"),
            work_items.c.state == ItemState.RUNNING.value,
        )
        values = {
            "state": bindparam("new_state"),
            "cost": work_items.c.cost + bindparam("spent"),
            "tokens": work_items.c.tokens + bindparam("used"),
        }

        def complete(connection: Connection) -> int:
            save_ended_runs(connection, self._owner, [(ended.run, ended.events) for ended in items])
            connection.execute(update(work_items).where(*matches).values(values), rows)
            follow_ups = [item for ended in items for item in ended.follow_ups]
            return insert_items(connection, self._job_id, follow_ups)

        return self._store.run_transaction(complete)

    def give_back(self, claims: Sequence[Claim]) -> None:
        if not claims:
            return
        run_ids = [claimed.run.id for claimed in claims]

        def give_back(connection: Connection) -> None:
            matches = work_items.c.job_id == self._job_id, work_items.c.run_id.in_(run_ids)
            values = {"state": ItemState.WAITING.value, "run_id": None}
            connection.execute(update(work_items).where(*matches).values(values))
            connection.execute(delete(runs).where(*own_runs(self._owner, run_ids)))

        self._store.write(give_back)

    def progress(self) -> WorkProgress:
        query = (
            select(
                work_items.c.state,
                func.count().label("items"),
                func.sum(work_items.c.cost).label("cost"),
                func.sum(work_items.c.tokens).label("tokens"),
            )
            .where(work_items.c.job_id == self._job_id)
            .group_by(work_items.c.state)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return WorkProgress(
            **{row.state: row.items for row in rows},
            cost=Decimal(sum(int(row.cost) for row in rows)) / UNITS_PER_DOLLAR,
            tokens=sum(int(row.tokens) for row in rows),
        )

    def items(
        self, states: Sequence[ItemState] = tuple(ItemState), limit: int = 100, offset: int = 0
    ) -> list[SavedItem]:
        """Return items in the order in which they were added."""
        query = (
            select(work_items)
            .where(work_items.c.job_id == self._job_id, work_items.c.state.in_(states))
            .order_by(work_items.c.seq)
            .limit(limit)
            .offset(offset)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        return [
            SavedItem(row.key, json.loads(row.data), row.priority, ItemState(row.state), row.run_id)
            for row in rows
        ]

    def stops(self) -> int:
        query = select(work_jobs.c.stops).where(
            work_jobs.c.id == self._job_id, work_jobs.c.owner == self._owner
        )
        return self._store.read(lambda connection: connection.scalar(query)) or 0

    def retry_failed(self) -> None:
        """Let the failed items be claimed again; cancelled ones are not wanted any more."""
        self._move(ItemState.FAILED, ItemState.WAITING)

    def cancel_waiting(self) -> None:
        """Cancel the items that have not been claimed, so that the job is complete without them."""
        self._move(ItemState.WAITING, ItemState.CANCELLED)

    def _move(self, source: ItemState, target: ItemState) -> None:
        matches = self._in_state(source)
        self._store.write(lambda c: c.execute(update(work_items).where(*matches).values(state=target.value)))

    def _in_state(self, state: ItemState) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return work_items.c.job_id == self._job_id, work_items.c.state == state.value


def cost_units(amount: Decimal | None) -> int:
    """Return dollars as billionths of a dollar, rounded; 0 for an unknown amount."""
    return round((amount or Decimal(0)) * UNITS_PER_DOLLAR)


def insert_items(connection: Connection, job_id: str, items: Sequence[WorkItem]) -> int:
    """Insert *items*, the first of each key, without those that exist; return the number of new ones."""
    if not items:
        return 0
    by_key = {item.key: item for item in reversed(items)}
    existing = select(work_items.c.key).where(work_items.c.job_id == job_id, work_items.c.key.in_(by_key))
    known = set(connection.scalars(existing))
    rows = [
        {
            "job_id": job_id,
            "key": key,
            "data": to_json(item.data),
            "priority": item.priority,
            "state": ItemState.WAITING.value,
        }
        for key, item in reversed(by_key.items())
        if key not in known
    ]
    if rows:
        connection.execute(insert(work_items), rows)
    return len(rows)


def in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    """Yield *items* in lists of as many as one statement may have parameters for."""
    iterator = iter(items)
    while batch := list(islice(iterator, _ITEMS_PER_TRANSACTION)):
        yield batch


def to_json(data: dict[str, Any]) -> str:
    return sanitise_text(json.dumps(data, ensure_ascii=False))
