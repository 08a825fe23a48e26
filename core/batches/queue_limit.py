"""The limit of enqueued tokens: read from the error, and waiting for room."""

import re
from collections.abc import Iterable
from dataclasses import replace

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


def wait_for_queue(record: BatchRecord) -> BatchRecord:
    """Return *record* as one that is submitted again when the queue has room, as the user asked."""
    return replace(record, waits_for_queue=True)


def next_to_resubmit(records: Iterable[BatchRecord]) -> BatchRecord | None:
    """Return the oldest waiting batch for which the queue of its model has room now.

    A batch that alone exceeds the limit never has room: it must be split.
    """
    records = tuple(records)
    waiting = sorted(
        (record for record in records if record.waits_for_queue and queue_limit_of(record) is not None),
        key=lambda record: record.created_at,
    )
    for record in waiting:
        limit = queue_limit_of(record)
        enqueued = [
            other.tokens for other in records if other.status.is_active and other.model == record.model
        ]
        has_room = sum(enqueued) + record.tokens <= limit if limit else not enqueued
        if has_room and record.status == BatchStatus.FAILED:
            return record
    return None
