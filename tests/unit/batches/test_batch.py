"""What the record of a batch says of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openai.types import Batch
from pydantic import TypeAdapter

from core.batches.batch import (
    BatchError,
    BatchOutcome,
    BatchRecord,
    BatchStatus,
    RequestCounts,
)
from core.batches.remote.queue_limit import next_to_resubmit, queue_limit_of
from core.batches.remote.remote_batch import record_of, updated_from
from tests.unit.batches.batch_server import batch_object

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
RECORD = BatchRecord("0" * 32, "test", "http://x/v1", "Title", "/v1/responses", "m", 4, NOW)


def received(**fields: Any) -> Batch:
    """Return the batch as the SDK makes it of a response, which it does not validate."""
    return Batch.construct(**batch_object(**fields))


@pytest.mark.parametrize(
    ("status", "counts", "outcome", "headline"),
    [
        ("validating", (0, 0, 0), BatchOutcome.PENDING, "0 of 4 processed"),
        ("in_progress", (4, 1, 1), BatchOutcome.PENDING, "2 of 4 processed"),
        ("completed", (4, 4, 0), BatchOutcome.ALL_SUCCEEDED, "4 of 4 succeeded"),
        ("completed", (4, 3, 1), BatchOutcome.SOME_SUCCEEDED, "3 of 4 succeeded"),
        ("completed", (4, 0, 4), BatchOutcome.ALL_FAILED, "All 4 requests failed"),
        ("expired", (4, 0, 0), BatchOutcome.ALL_FAILED, "0 of 4 succeeded"),
        ("cancelled", (0, 0, 0), BatchOutcome.UNKNOWN, "Cancelled"),
        ("failed", (0, 0, 0), BatchOutcome.ALL_FAILED, "The input file was rejected"),
        ("gone", (4, 1, 0), BatchOutcome.UNKNOWN, "No longer on the server"),
    ],
)
def test_says_how_far_the_batch_succeeded(
    status: str, counts: tuple[int, int, int], outcome: BatchOutcome, headline: str
) -> None:
    record = replace(RECORD, status=BatchStatus(status), counts=RequestCounts(*counts))

    assert (record.outcome, record.headline) == (outcome, headline)


def test_does_not_say_that_all_failed_when_the_server_sends_no_counts() -> None:
    record = updated_from(RECORD, received(status="completed", request_counts=None))

    assert record.outcome == BatchOutcome.UNKNOWN
    assert record.headline.startswith("Completed")


@pytest.mark.parametrize("status", [BatchStatus.GONE, BatchStatus.COMPLETED])
def test_says_what_the_imported_results_are(status: BatchStatus) -> None:
    record = replace(RECORD, status=status, results=RequestCounts(4, 3, 1))

    assert (record.outcome, record.headline) == (BatchOutcome.SOME_SUCCEEDED, "3 of 4 succeeded")


def test_takes_an_empty_file_id_as_none() -> None:
    record = updated_from(RECORD, received(output_file_id="file-2", error_file_id=""))

    assert (record.output_file_id, record.error_file_id) == ("file-2", None)


def test_is_not_active_again_by_an_older_response() -> None:
    ended = updated_from(RECORD, received(status="completed"))

    assert updated_from(ended, received(status="in_progress")) == ended


@pytest.mark.parametrize("value", [7, {"a": 1}, "", 1e300])
def test_can_be_saved_whatever_the_server_sends(value: object) -> None:
    names = ("endpoint", "status", "input_file_id", "output_file_id", "created_at", "completed_at", "model")
    errors = {"data": [{"code": value, "message": value, "param": value, "line": value}]}
    counts = {"total": value, "completed": value, "failed": value}
    batch = received(**dict.fromkeys(names, value), errors=errors, request_counts=counts)
    record = record_of(batch, "test", "http://x/v1")
    adapter = TypeAdapter(BatchRecord)

    assert adapter.validate_json(adapter.dump_json(record)) == record


def test_keeps_the_errors_of_the_input_file() -> None:
    errors = {"object": "list", "data": [{"code": "empty_file", "message": "m", "param": None, "line": None}]}

    assert updated_from(RECORD, received(errors=errors)).errors == (BatchError("empty_file", "m"),)


def test_measures_the_time_in_each_state() -> None:
    times = (
        (BatchStatus.VALIDATING, NOW - 10 * MINUTE),
        (BatchStatus.IN_PROGRESS, NOW - 8 * MINUTE),
    )
    record = replace(RECORD, status=BatchStatus.IN_PROGRESS, state_times=times, counts=RequestCounts(4, 1, 0))

    assert [time for _, time in record.time_in_states(NOW)] == [2 * MINUTE, 8 * MINUTE]
    assert record.eta(NOW) == 24 * MINUTE
    assert replace(record, counts=RequestCounts(4)).eta(NOW) is None


def failed_for_queue(message: str) -> BatchRecord:
    errors = (BatchError("token_limit_exceeded", message),)
    record = replace(RECORD, status=BatchStatus.FAILED, errors=errors, tokens=60_000, remote_id="batch_1")
    return replace(record, waits_for_queue=True)


@pytest.mark.parametrize(
    ("message", "limit"),
    [("Enqueued token limit reached for m. Limit: 90,000 enqueued tokens.", 90_000), ("Limit reached", 0)],
)
def test_reads_the_limit_of_the_queue(message: str, limit: int) -> None:
    assert queue_limit_of(failed_for_queue(message)) == limit


def test_waits_until_the_queue_has_room() -> None:
    waiting = failed_for_queue("Limit: 90,000")
    other = replace(RECORD, id="1" * 32, status=BatchStatus.IN_PROGRESS, tokens=40_000)

    assert next_to_resubmit([waiting, other]) is None
    assert next_to_resubmit([waiting, replace(other, model="other")]) == waiting
    assert next_to_resubmit([waiting, replace(other, status=BatchStatus.COMPLETED)]) == waiting
    assert next_to_resubmit([replace(waiting, errors=())]) is None  # it failed for another reason
