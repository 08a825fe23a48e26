"""A time in the database, before which no process does something."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from core.storage.schema import rate_limit_pauses
from core.storage.store import Store


class SharedTime:
    """The time of what *scope* names together. By the clocks of the machines, which must agree."""

    def __init__(self, store: Store, *scope: str) -> None:
        self._store = store
        self._scope = sha256("\n".join(scope).encode()).hexdigest()

    def seconds_left(self) -> float:
        """Return the seconds until the time; 0 if it has passed."""
        shared = self._store.read(self._read)
        return max(0.0, (shared - datetime.now(UTC)).total_seconds()) if shared else 0.0

    def extend(self, seconds: float) -> None:
        """Make the time *seconds* from now, unless it is later."""
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        self._store.write(lambda connection: self._extend(connection, until))

    def take(self, seconds: float) -> bool:
        """Return whether the time has passed, to one process only: then it is *seconds* from now."""
        now = datetime.now(UTC)

        def take(connection: Connection) -> bool:
            shared = self._read(connection)
            is_free = shared is None or shared <= now
            if is_free:
                self._extend(connection, now + timedelta(seconds=seconds))
            return is_free

        return self._store.run_transaction(take)

    def _read(self, connection: Connection) -> datetime | None:
        columns = rate_limit_pauses.c
        return connection.scalar(select(columns.paused_until).where(columns.scope == self._scope))

    def _extend(self, connection: Connection, until: datetime) -> None:
        shared = self._read(connection)
        if shared is None:
            values = {"scope": self._scope, "paused_until": until}
            connection.execute(insert(rate_limit_pauses).values(values))
        elif shared < until:
            is_scope = rate_limit_pauses.c.scope == self._scope
            connection.execute(update(rate_limit_pauses).where(is_scope).values(paused_until=until))
