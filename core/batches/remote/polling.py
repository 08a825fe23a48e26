"""When the batches of a server are requested again, and by which process."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from core.batches.account import account_id
from core.batches.batch import BatchRecord
from core.batches.remote.queue_limit import waits_for_room
from core.batches.remote.service import refresh
from core.batches.repository import BatchRepository
from core.server_kind import ServerKind
from core.storage.shared_time import SharedTime

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.client.profile import Profile

_SANDBOX_DELAY = 2.0
_SHORTEST, _LONGEST = 5.0, 60.0
# A process that has requested the batches is not kept from doing so again by its own turn.
_TURN = 0.9


def poll_delay(records: Iterable[BatchRecord], now: datetime, kind: ServerKind) -> float | None:
    """Return the seconds until the next request for all of *records*.

    None if none of them is active or waits until the queue has room.

    The delay is a tenth of the time since the latest change, from 5 to 60 seconds. On the sandbox, whose
    batches take seconds, it is 2 seconds.
    """
    records = tuple(records)
    active = [record for record in records if record.status.is_active]
    if not active and not any(map(waits_for_room, records)):
        return None
    if kind == "sandbox":
        return _SANDBOX_DELAY
    if not active:
        return _LONGEST
    changes = [record.state_times[-1][1] if record.state_times else record.created_at for record in active]
    age = max(now - max(changes), timedelta())
    return min(max(age.total_seconds() / 10, _SHORTEST), _LONGEST)


async def refresh_in_turn(
    client: "AsyncOpenAI",
    repository: BatchRepository,
    profile: "Profile",
    address: str,
    longest_delay: float = _LONGEST,
    *,
    is_asked_for: bool = False,
) -> list[BatchRecord]:
    """Do what `refresh` does, unless another process has done it just now: then its result is saved.

    Pages, what follows batches in the background, and workers take turns, so that the server receives the
    requests of one of them. Nobody waits for a turn without an active batch, or if a person has asked for it.
    """
    account = account_id(profile)
    records = await asyncio.to_thread(repository.list, address)
    delay = poll_delay(records, datetime.now(UTC), profile.kind)
    # Each process has a sandbox of its own.
    if delay is not None and profile.kind != "sandbox" and not is_asked_for:
        turn = SharedTime(repository.store, "batches", address, account)
        if not await asyncio.to_thread(turn.take, _TURN * min(delay, longest_delay)):
            return records
    return await refresh(client, repository, profile.id, address, account)
