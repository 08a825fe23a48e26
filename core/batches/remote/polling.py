"""When the batches of a server are requested again."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from core.batches.batch import BatchRecord
from core.batches.remote.queue_limit import waits_for_room
from core.server_kind import ServerKind

_SANDBOX_DELAY = 2.0
_SHORTEST, _LONGEST = 5.0, 60.0


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
