"""What the server says of a batch, as a record."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from core.batches.batch import BatchError, BatchRecord, BatchStatus, RequestCounts
from core.json_values import JsonObject, json_object, storable_text
from core.pricing.usage import Usage

if TYPE_CHECKING:
    from openai.types import Batch

_MAX_ERRORS = 1_000
_VALID_ID = re.compile(r"[\x21-\x7e]{1,200}")
_MAX_MESSAGE = 1_000
_ENDED = (BatchStatus.FAILED, BatchStatus.COMPLETED, BatchStatus.EXPIRED, BatchStatus.CANCELLED)
_COUNTS = ("total", "completed", "failed")


def updated_from(record: BatchRecord, batch: "Batch", account: str = "") -> BatchRecord:
    """Return *record* with what the server says of it; an unknown status leaves the status as it is.

    A response that is older than the end of the batch changes nothing. It belongs to *account* from now on,
    which has just seen it.
    """
    try:
        status = BatchStatus(batch.status)
    except ValueError:
        status = record.status if record.status.is_active else BatchStatus.IN_PROGRESS
    if record.status in _ENDED and status.is_active:
        return record
    counts, usage = batch.request_counts, Usage.of(batch.usage) if batch.usage else None
    return replace(
        record,
        remote_id=batch.id,
        status=status,
        model=record.model or _text(batch.model),
        input_file_id=_text(batch.input_file_id) or record.input_file_id,
        # Servers send "" for a file that does not exist.
        output_file_id=_text(batch.output_file_id) or None,
        error_file_id=_text(batch.error_file_id) or None,
        counts=RequestCounts(*(_count(counts, name) for name in _COUNTS)) if counts else record.counts,
        lines=record.lines or _count(counts, "total"),
        state_times=_state_times(batch),
        errors=_errors(batch),
        expires_at=parse_time(batch.expires_at),
        # The cost was computed from the usage of the imported results.
        usage=record.usage if record.results else usage or record.usage,
        account=account or record.account,
    )


def record_of(batch: "Batch", profile_id: str, base_url: str, account: str = "") -> BatchRecord:
    """Make the record of a batch that was created elsewhere."""
    title = _text(metadata_of(batch).get("title")) or batch.id
    created = parse_time(batch.created_at) or datetime.now(UTC)
    new = BatchRecord(
        uuid4().hex, profile_id, base_url, title[:200], _text(batch.endpoint), "", 0, created, "elsewhere"
    )
    return updated_from(new, batch, account)


def _state_times(batch: "Batch") -> tuple[tuple[BatchStatus, datetime], ...]:
    times: Sequence[tuple[BatchStatus, int | None]] = (
        (BatchStatus.VALIDATING, batch.created_at),
        (BatchStatus.IN_PROGRESS, batch.in_progress_at),
        (BatchStatus.CANCELLING, batch.cancelling_at),
        (BatchStatus.FINALIZING, batch.finalizing_at),
        (BatchStatus.COMPLETED, batch.completed_at),
        (BatchStatus.FAILED, batch.failed_at),
        (BatchStatus.EXPIRED, batch.expired_at),
        (BatchStatus.CANCELLED, batch.cancelled_at),
    )
    known = [(status, time) for status, seconds in times if (time := parse_time(seconds))]
    return tuple(sorted(known, key=lambda state: state[1]))


def _errors(batch: "Batch") -> tuple[BatchError, ...]:
    data = getattr(batch.errors, "data", None)
    return tuple(
        BatchError(
            _text(getattr(error, "code", None))[:100] or "unknown",
            _text(getattr(error, "message", error))[:_MAX_MESSAGE],
            _text(getattr(error, "param", None))[:_MAX_MESSAGE] or None,
            line if isinstance(line := getattr(error, "line", None), int) else None,
        )
        for error in (data[:_MAX_ERRORS] if isinstance(data, list) else ())
    )


# The SDK does not validate what a server sends.
def valid_batches(data: object) -> "list[Batch]":
    """Return what are batches in the data of a list."""
    items = data if isinstance(data, list) else []
    ids = [(item, getattr(item, "id", None)) for item in items]
    return [item for item, batch_id in ids if isinstance(batch_id, str) and _VALID_ID.fullmatch(batch_id)]


def metadata_of(batch: "Batch") -> JsonObject:
    return json_object(batch.metadata)


def _text(value: object) -> str:
    return "" if value is None else storable_text(str(value))


def _count(counts: object, name: str) -> int:
    value = getattr(counts, name, None)
    return value if isinstance(value, int) else 0


def parse_time(seconds: int | None) -> datetime | None:
    """Return the time of a timestamp of a server; None if there is none, or if it is not a time."""
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (TypeError, ValueError, OverflowError, OSError):  # a server can send any number
        return None
