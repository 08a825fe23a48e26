"""The jobs of an owner in the database."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)

from core.errors.types import NotFound
from core.runner.queue import UNITS_PER_DOLLAR, DatabaseQueue, cost_units, in_batches, insert_items, to_json
from core.runner.work import Budget, ItemState, WorkItem, WorkJob
from core.storage.engine import sanitise_text
from core.storage.leases import is_orphaned
from core.storage.schema import runs, work_items, work_jobs
from core.storage.store import Store

_UNENDED = (ItemState.WAITING.value, ItemState.RUNNING.value)


class JobRepository:
    """The jobs of *owner*. A database failure raises nothing: see `Store.problem`."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self.owner = owner

    def create(self, job: WorkJob, items: Iterable[WorkItem]) -> DatabaseQueue:
        """Save a new job with its items, which are read and saved in batches."""
        self._store.write(lambda connection: self._insert(connection, job))
        queue = self.queue(job.id)
        queue.enqueue(items)
        return queue

    def latest_number(self, capabilities: Sequence[str]) -> int:
        """Return the number of the newest job of *capabilities*, which `create_after` takes."""
        query = select(func.max(work_jobs.c.seq)).where(*self._is_of(capabilities))
        return self._store.read(lambda connection: connection.scalar(query)) or 0

    def create_after(
        self, number: int, capabilities: Sequence[str], new_jobs: Sequence[tuple[WorkJob, Sequence[WorkItem]]]
    ) -> bool:
        """Save new jobs with their items, unless another one of *capabilities* was created after *number*.

        Return whether they were saved: all or none. So of two processes that read what is to be done and
        create jobs for it at the same time, the second one has to read again.
        """

        def create(connection: Connection) -> bool:
            newer = select(work_jobs.c.seq).where(*self._is_of(capabilities), work_jobs.c.seq > number)
            if connection.scalar(newer.limit(1)) is not None:
                return False
            for job, items in new_jobs:
                self._insert(connection, job)
                for batch in in_batches(items):
                    insert_items(connection, job.id, batch)
            return True

        return self._store.run_transaction(create)

    def queue(self, job_id: str) -> DatabaseQueue:
        return DatabaseQueue(self._store, self.owner, job_id)

    def get(self, job_id: str) -> WorkJob:
        """Return a job. Raises NotFound."""
        query = select(work_jobs).where(*self._is(job_id))
        row = self._store.read(lambda connection: connection.execute(query).one_or_none())
        if row is None:
            raise NotFound("This job no longer exists. Reload the page.")
        return _to_job(row)

    def list(self, capability: str, *, unfinished: bool = False, limit: int = 50) -> list[WorkJob]:
        """Return the jobs of *capability*, newest first; with *unfinished*, those with items left to request.

        A job that is running is unfinished, too.
        """
        query = select(work_jobs).where(work_jobs.c.owner == self.owner, work_jobs.c.capability == capability)
        if unfinished:
            unended = work_items.c.job_id == work_jobs.c.id, work_items.c.state.in_(_UNENDED)
            query = query.where(exists(select(literal_column("1")).where(*unended)))
        query = query.order_by(work_jobs.c.seq.desc()).limit(limit)
        return [_to_job(row) for row in self._store.read(lambda connection: connection.execute(query).all())]

    def running(self, capability: str) -> Sequence[WorkJob]:
        """Return the jobs of *capability* that any process runs, the newest first."""
        query = (
            select(work_items.c.job_id, runs.c.holder, func.max(runs.c.alive_until).label("alive_until"))
            .join_from(work_jobs, work_items, work_items.c.job_id == work_jobs.c.id)
            .join(runs, runs.c.id == work_items.c.run_id)
            .where(*self._is_of([capability]), work_items.c.state == ItemState.RUNNING.value)
            .group_by(work_items.c.job_id, runs.c.holder)
        )
        rows = self._store.read(lambda connection: connection.execute(query).all())
        now = datetime.now(UTC)
        # Also of this process: a lease that is not renewed is that of a runner which has ended.
        ids = {
            row.job_id
            for row in rows
            if row.alive_until >= now and not is_orphaned(row.holder, row.alive_until, now)
        }
        if not ids:
            return []
        jobs = select(work_jobs).where(work_jobs.c.id.in_(ids)).order_by(work_jobs.c.seq.desc())
        return [_to_job(row) for row in self._store.read(lambda connection: connection.execute(jobs).all())]

    def set_budget(self, job_id: str, budget: Budget) -> None:
        values = {
            "max_cost": None if budget.cost is None else cost_units(budget.cost),
            "max_tokens": budget.tokens,
        }
        self._store.write(lambda c: c.execute(update(work_jobs).where(*self._is(job_id)).values(values)))

    def request_stop(self, job_id: str) -> None:
        """Let the runners of a job in all processes stop, when they next renew their leases."""
        stopped = update(work_jobs).where(*self._is(job_id)).values(stops=work_jobs.c.stops + 1)
        self._store.write(lambda connection: connection.execute(stopped))

    def delete(self, job_id: str) -> None:
        """Delete a job and its items; their runs remain."""

        def delete_job(connection: Connection) -> None:
            if connection.execute(delete(work_jobs).where(*self._is(job_id))).rowcount:
                connection.execute(delete(work_items).where(work_items.c.job_id == job_id))

        self._store.write(delete_job)

    def _insert(self, connection: Connection, job: WorkJob) -> None:
        row = {
            "id": job.id,
            "owner": self.owner,
            "capability": job.capability,
            "title": sanitise_text(job.title),
            "profile_id": job.profile_id,
            "base_url": job.base_url,
            "model": job.model,
            "max_cost": None if job.budget.cost is None else cost_units(job.budget.cost),
            "max_tokens": job.budget.tokens,
            "data": to_json(job.data),
            "created_at": job.created_at,
        }
        connection.execute(insert(work_jobs).values(row))

    def _is_of(self, capabilities: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return work_jobs.c.owner == self.owner, work_jobs.c.capability.in_(capabilities)

    def _is(self, job_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return work_jobs.c.id == job_id, work_jobs.c.owner == self.owner


def _to_job(row: Row[Any]) -> WorkJob:
    cost = None if row.max_cost is None else Decimal(row.max_cost) / UNITS_PER_DOLLAR
    return WorkJob(
        capability=row.capability,
        profile_id=row.profile_id,
        base_url=row.base_url,
        model=row.model,
        title=row.title,
        budget=Budget(cost, row.max_tokens),
        data=json.loads(row.data),
        id=row.id,
        created_at=row.created_at,
    )
