"""The pause after a refusal, which the runners of all processes that use one model of a server observe."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from core.runner.runner import Runner
from core.storage.schema import rate_limit_pauses
from core.storage.store import Store

_INTERVAL = 1.0


class SharedPause:
    """The pause of *model* at *base_url* in a database. By the clocks of the machines, which must agree."""

    def __init__(self, store: Store, base_url: str, model: str) -> None:
        self._store = store
        self._scope = sha256(f"{base_url}\n{model}".encode()).hexdigest()

    def exchange(self, seconds: float) -> float:
        """Make the pause of all processes last at least *seconds* from now, and return how long it lasts."""
        now = datetime.now(UTC)
        paused_until = now + timedelta(seconds=seconds)
        shared = self._store.read(self._read)
        if seconds and (shared is None or shared < paused_until):
            self._store.write(lambda connection: self._extend(connection, paused_until))
            return seconds
        return max(0.0, (shared - now).total_seconds()) if shared else 0.0

    def _read(self, connection: Connection) -> datetime | None:
        columns = rate_limit_pauses.c
        return connection.scalar(select(columns.paused_until).where(columns.scope == self._scope))

    def _extend(self, connection: Connection, paused_until: datetime) -> None:
        shared = self._read(connection)
        if shared is None:
            values = {"scope": self._scope, "paused_until": paused_until}
            connection.execute(insert(rate_limit_pauses).values(values))
        elif shared < paused_until:
            is_scope = rate_limit_pauses.c.scope == self._scope
            connection.execute(update(rate_limit_pauses).where(is_scope).values(paused_until=paused_until))


async def share_pause(runner: Runner, pause: SharedPause) -> None:
    """Exchange the pauses of *runner* with those of other processes every second, until it ends."""
    while runner.is_running:
        runner.limiter.pause(await asyncio.to_thread(pause.exchange, runner.limiter.refusal_pause))
        with suppress(TimeoutError):
            await asyncio.wait_for(runner.ended.wait(), _INTERVAL)
