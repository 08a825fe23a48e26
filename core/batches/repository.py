"""The saved batches of an owner."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.batches.batch import BatchRecord, BatchStatus
from core.errors.types import NotFound
from core.storage.leases import is_orphaned, lease_expiry, lease_holder
from core.storage.schema import batch_results, batches

if TYPE_CHECKING:
    from core.storage.store import Store


class BatchRepository:
    """The batches of *owner*. Blocking: call it in a thread."""

    def __init__(self, store: "Store", owner: str = "local") -> None:
        self.store = store
        self.owner = owner

    def save(self, record: BatchRecord) -> None:
        """Insert or replace *record*. To change one that others may change meanwhile, use `update`."""
        self.store.write(lambda connection: self._write(connection, record))

    def update(
        self, batch_id: str, change: Callable[[BatchRecord], BatchRecord], *, is_released: bool = False
    ) -> BatchRecord:
        """Apply *change* to the batch as it is now, and return the result. Raises NotFound.

        With *is_released*, it gives up the lease as well: who sees the change can claim the batch.
        """

        def apply(connection: Connection) -> BatchRecord:
            body = connection.scalar(select(batches.c.body).where(*self._has_id(batch_id)).with_for_update())
            if body is None:
                raise NotFound("There is no such batch.")
            record = change(_adapter().validate_json(body))
            self._write(connection, record)
            if is_released:
                connection.execute(update(batches).where(*self._has_id(batch_id)).values(holder=""))
            return record

        return self.store.run_transaction(apply)

    def merge(self, new: BatchRecord, own_id: str, change: Callable[[BatchRecord], BatchRecord]) -> None:
        """Apply *change* to the saved batch with the remote id of *new*, or insert *new* if there is none.

        A batch whose remote id has not been saved is recognized by *own_id*, which its metadata has.
        """
        columns = batches.c
        is_submitted_now = and_(columns.id == own_id, columns.remote_id.is_(None))
        query = (
            select(columns.body)
            .where(columns.owner == self.owner, columns.base_url == new.base_url)
            .where(or_(columns.remote_id == new.remote_id, is_submitted_now))
            .order_by(columns.remote_id.is_(None))
            .with_for_update()
        )

        def apply(connection: Connection) -> None:
            body = connection.scalar(query)
            self._write(connection, change(_adapter().validate_json(body)) if body else new)

        try:
            self.store.write(apply)
        except IntegrityError:
            self.store.write(apply)  # inserted by another process meanwhile

    def replace_waiting(self, batch_id: str, child: BatchRecord) -> bool:
        """Insert *child* in place of a batch that waits for the queue; False if it does not wait any more."""

        def apply(connection: Connection) -> bool:
            body = connection.scalar(select(batches.c.body).where(*self._has_id(batch_id)).with_for_update())
            record = _adapter().validate_json(body) if body else None
            if record is None or not record.waits_for_queue:
                return False
            self._write(connection, replace(record, waits_for_queue=False))
            self._write(connection, child)
            return True

        return self.store.run_transaction(apply)

    def add_child(
        self, child: BatchRecord, adapt: Callable[[BatchRecord, Sequence[BatchRecord]], BatchRecord]
    ) -> BatchRecord:
        """Insert *child* as *adapt* returns it, given the children that its parent has, and return it.

        Two sessions do it one after the other, so that *adapt* may raise for a second child. Raises NotFound
        if the parent was deleted.
        """

        def apply(connection: Connection) -> BatchRecord:
            matches = self._has_id(child.parent_id or "")
            if connection.scalar(select(batches.c.id).where(*matches).with_for_update()) is None:
                raise NotFound("There is no such batch.")
            new = adapt(child, self._children(connection, child.parent_id or ""))
            self._write(connection, new)
            return new

        return self.store.run_transaction(apply)

    def children(self, batch_id: str) -> Sequence[BatchRecord]:
        """Return the batches that were made from another one, the oldest first."""
        return self.store.read(lambda connection: self._children(connection, batch_id))

    def _children(self, connection: Connection, batch_id: str) -> Sequence[BatchRecord]:
        # The parent is only in the JSON, where its id can be in one field of another meaning: the job.
        query = select(batches.c.body).where(batches.c.owner == self.owner, batches.c.body.contains(batch_id))
        records = map(_adapter().validate_json, connection.scalars(query.order_by(batches.c.seq)))
        return [record for record in records if record.parent_id == batch_id]

    def get(self, batch_id: str) -> BatchRecord:
        """Return the batch with our id *batch_id*. Raises NotFound."""
        query = select(batches.c.body).where(*self._has_id(batch_id))
        body = self.store.read(lambda connection: connection.scalar(query))
        if body is None:
            raise NotFound("There is no such batch.")
        return _adapter().validate_json(body)

    def list(
        self,
        base_url: str | None = None,
        limit: int = 10_000,
        statuses: Collection[BatchStatus] = tuple(BatchStatus),
        search: str = "",
    ) -> list[BatchRecord]:
        """Return the batches in one of *statuses*, the newest first; with *base_url*, those of one server.

        With *search*, those that have this text in their title or model.
        """
        values = [status.value for status in statuses]
        query = select(batches.c.body).where(batches.c.owner == self.owner, batches.c.status.in_(values))
        if base_url is not None:
            query = query.where(batches.c.base_url == base_url)
        query = query.order_by(batches.c.seq.desc())
        if not search:
            query = query.limit(limit)
        rows = self.store.read(lambda connection: connection.scalars(query).all())
        records = map(_adapter().validate_json, rows)
        return [*islice(filter(partial(_matches, text=search.casefold()), records), limit)]

    def delete(self, batch_id: str) -> None:
        """Delete a batch and its results here, not on the server."""

        def remove(connection: Connection) -> None:
            if connection.execute(delete(batches).where(*self._has_id(batch_id))).rowcount:
                connection.execute(delete(batch_results).where(batch_results.c.batch_id == batch_id))

        self.store.write(remove)

    def claim(self, batch_id: str, statuses: Collection[BatchStatus] = (BatchStatus.PREPARED,)) -> bool:
        """Take the lease of a batch in one of *statuses*, so that one process submits it, or runs it.

        False if another one holds it, or the batch is not in these.
        """

        def take(connection: Connection) -> bool:
            values = [status.value for status in statuses]
            matches = *self._has_id(batch_id), batches.c.status.in_(values)
            query = select(batches.c.holder, batches.c.alive_until).where(*matches).with_for_update()
            row = connection.execute(query).one_or_none()
            if row is None:
                return False
            if row.holder and not is_orphaned(row.holder, row.alive_until, datetime.now(UTC)):
                return False
            lease = {"holder": lease_holder(), "alive_until": lease_expiry()}
            connection.execute(update(batches).where(*matches).values(**lease))
            return True

        return self.store.run_transaction(take)

    def is_claimed(self, batch_id: str) -> bool:
        """Whether a living process has the lease of a batch."""
        query = select(batches.c.holder, batches.c.alive_until).where(*self._has_id(batch_id))
        row = self.store.read(lambda connection: connection.execute(query).one_or_none())
        if row is None or not row.holder:
            return False
        return not is_orphaned(row.holder, row.alive_until, datetime.now(UTC))

    def renew(self, batch_id: str) -> None:
        """Extend the lease unless it was given up, which a long upload must do every few seconds."""
        is_held = batches.c.holder == lease_holder()
        statement = update(batches).where(*self._has_id(batch_id), is_held).values(alive_until=lease_expiry())
        self.store.write(lambda connection: connection.execute(statement))

    def release(self, batch_id: str) -> None:
        """Give up the lease of a batch."""
        statement = update(batches).where(*self._has_id(batch_id)).values(holder="")
        self.store.write(lambda connection: connection.execute(statement))

    def _write(self, connection: Connection, record: BatchRecord) -> None:
        values = {
            "base_url": record.base_url,
            "remote_id": record.remote_id,
            "status": record.status.value,
            "body": _adapter().dump_json(record).decode(),
        }
        matches = self._has_id(record.id)
        if not connection.execute(update(batches).where(*matches).values(**values)).rowcount:
            connection.execute(insert(batches).values(id=record.id, owner=self.owner, **values))

    def _has_id(self, batch_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return batches.c.owner == self.owner, batches.c.id == batch_id


def _matches(record: BatchRecord, text: str) -> bool:
    return text in record.title.casefold() or text in record.model.casefold()


@cache
def _adapter() -> TypeAdapter[BatchRecord]:
    return TypeAdapter(BatchRecord)
