"""The limit of enqueued tokens: read from the error, and waiting for room."""

import re
from collections.abc import Iterable

from core.batches.batch import BatchRecord, BatchStatus

_LIMIT = re.compile(r"limit:?\s*([\d,_]{1,20})", re.IGNORECASE)


def queue_limit_of(record: BatchRecord) -> int | None:
    """Return the limit of enqueued tokens that a failed batch exceeded; None if it failed otherwise.

    It is 0 if the error does not say the limit.
    """
    for error in record.errors:
        if error.code == "token_limit_exceeded":
            match = _LIMIT.search(error.message)
            digits = re.sub(r"\D", "", match[1]) if match else ""
            return int(digits or 0)
    return None


def waits_for_room(record: BatchRecord) -> bool:
    """Whether *record* is submitted again once the queue has room.

    A batch that alone exceeds the limit never has room: it must be split.
    """
    limit = queue_limit_of(record)
    is_waiting = record.waits_for_queue and record.status == BatchStatus.FAILED and limit is not None
    return is_waiting and (not limit or record.tokens <= limit)


def next_to_resubmit(records: Iterable[BatchRecord]) -> BatchRecord | None:
    """Return the oldest waiting batch for which the queue of its model has room now."""
    records = tuple(records)
    waiting = sorted(filter(waits_for_room, records), key=lambda record: record.created_at)
    for record in waiting:
        limit = queue_limit_of(record)
        enqueued = [
            other.tokens for other in records if other.status.is_active and other.model == record.model
        ]
        if sum(enqueued) + record.tokens <= limit if limit else not enqueued:
            return record
    return None
