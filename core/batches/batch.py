"""The record of a batch, which outlives the batch of the API."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal
from uuid import uuid4

from core.batches.input.request_line import InputFile
from core.errors.types import Explanation
from core.pricing.usage import Usage

CAPABILITY = "batches"  # of the runs that requests of batches are
METADATA_KEY = "playground_batch"
NO_BATCH_API = "no_batch_api"
BatchSource = Literal["template", "upload", "compare", "extractor", "retry", "elsewhere"]


class BatchStatus(StrEnum):
    """The statuses of the API, and three of ours.

    `PREPARED`: saved but not submitted yet. `STOPPED`: the requests that were made now, without a batch, were
    stopped before the last one, and can be resumed. `GONE`: no longer on the server.
    """

    PREPARED = "prepared"
    STOPPED = "stopped"
    VALIDATING = "validating"
    FAILED = "failed"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    GONE = "gone"

    @property
    def is_active(self) -> bool:
        """Whether the server may still change it."""
        return self in _ACTIVE


_ACTIVE = (BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING, BatchStatus.CANCELLING)


class BatchOutcome(StrEnum):
    """How far a batch succeeded, which its status does not say: "completed" includes that all failed."""

    PENDING = "pending"
    UNKNOWN = "unknown"
    ALL_SUCCEEDED = "all_succeeded"
    SOME_SUCCEEDED = "some_succeeded"
    ALL_FAILED = "all_failed"


@dataclass(frozen=True, slots=True)
class BatchError:
    """An error of the input file; *line* is 1-based, None for the whole file."""

    code: str
    message: str
    param: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class RequestCounts:
    total: int = 0
    completed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """A batch as last seen.

    *id* is ours and part of the metadata of the batch. *upload_started*: a request of its submission may have
    reached the server. *submission_error*: why the last attempt failed, if it was not interrupted.
    *waits_for_queue*: it is submitted again if the queue is full, once that has room.
    *cost* and *sync_cost* are list prices in dollars, of the batch and of the same requests made at once.
    *results* are the counts of the imported results, which some servers do not send as *counts*.
    *job_id* is the job of the runner that makes the requests now, instead of a batch on the server.
    *target_job_id* is the job of another page, whose items the lines are and which gets their results.
    *account* identifies the key with which it was submitted or listed (`core.batches.account`).
    """

    id: str
    profile_id: str
    base_url: str
    title: str
    endpoint: str
    model: str
    lines: int
    created_at: datetime
    source: BatchSource = "upload"
    tokens: int = 0
    input_sha256: str = ""
    input_bytes: int = 0
    upload_started: bool = False
    submission_error: Explanation | None = None
    remote_id: str | None = None
    input_file_id: str | None = None
    output_file_id: str | None = None
    error_file_id: str | None = None
    status: BatchStatus = BatchStatus.PREPARED
    counts: RequestCounts = RequestCounts()
    state_times: tuple[tuple[BatchStatus, datetime], ...] = ()
    errors: tuple[BatchError, ...] = ()
    expires_at: datetime | None = None
    usage: Usage | None = None
    cost: Decimal | None = None
    sync_cost: Decimal | None = None
    results: RequestCounts | None = None
    waits_for_queue: bool = False
    parent_id: str | None = None
    job_id: str | None = None
    target_job_id: str | None = None
    account: str = ""

    @property
    def outcome(self) -> BatchOutcome:
        """The outcome by the imported results, else by the counts of the server."""
        if self.status == BatchStatus.PREPARED or self.status.is_active:
            return BatchOutcome.PENDING
        counts = self.results or self.counts
        if not self.results:
            if self.status == BatchStatus.FAILED:
                return BatchOutcome.ALL_FAILED
            if self.status == BatchStatus.GONE or not counts.total:
                return BatchOutcome.UNKNOWN
        if not counts.completed:
            return BatchOutcome.ALL_FAILED
        return BatchOutcome.ALL_SUCCEEDED if counts.completed >= counts.total else BatchOutcome.SOME_SUCCEEDED

    @property
    def can_run_now(self) -> bool:
        """Whether its requests can be made now: it was not submitted, also not by an attempt that failed."""
        if self.status != BatchStatus.PREPARED or not self.upload_started:
            return self.status == BatchStatus.PREPARED
        # The id of the file is saved before the batch is created, whose response may be lost.
        error = self.submission_error
        return error is not None and (self.input_file_id is None or error.code == NO_BATCH_API)

    @property
    def saving(self) -> Decimal:
        """What the batch cost less than the same requests at once; 0 if the costs are not known."""
        return max((self.sync_cost or Decimal(0)) - (self.cost or Decimal(0)), Decimal(0))

    @property
    def headline(self) -> str:
        """What happened, as a sentence without a full stop."""
        counts = self.results or self.counts
        total = counts.total or self.lines
        if self.outcome == BatchOutcome.PENDING:
            return f"{counts.completed + counts.failed:,} of {total:,} processed"
        if self.outcome == BatchOutcome.UNKNOWN:
            return _UNKNOWN_OUTCOMES.get(self.status, "No longer on the server")
        if self.status == BatchStatus.FAILED and not (counts.completed or counts.failed):
            return "The input file was rejected"
        if counts.failed >= total:
            return f"All {total:,} requests failed" if total > 1 else "The request failed"
        return f"{counts.completed:,} of {total:,} succeeded"

    def time_in_states(self, now: datetime) -> tuple[tuple[BatchStatus, timedelta], ...]:
        """Return the states in order with the time in each; that of an active batch lasts until *now*."""
        ends = [*(start for _, start in self.state_times[1:]), now if self.status.is_active else None]
        return tuple(
            (status, max(end - start, timedelta()) if end else timedelta())
            for (status, start), end in zip(self.state_times, ends, strict=False)
        )

    def eta(self, now: datetime) -> timedelta | None:
        """Estimate the remaining time at the average pace so far; None before the first result."""
        started = dict(self.state_times).get(BatchStatus.IN_PROGRESS)
        done = self.counts.completed + self.counts.failed
        if self.status != BatchStatus.IN_PROGRESS or started is None or not done:
            return None
        return max(now - started, timedelta()) / done * max(self.counts.total - done, 0)

    def waiting_reason(self) -> str | None:
        """Say what an active batch waits for; None once it has ended."""
        if self.job_id and self.status.is_active:
            return "The requests are made now, several at once."
        if self.waits_for_queue and self.status == BatchStatus.FAILED:
            return "Waiting until the queue of the model has room."
        return _WAITING_REASONS.get(self.status)


_UNKNOWN_OUTCOMES = {
    BatchStatus.COMPLETED: "Completed. Load the results to see how many requests succeeded",
    BatchStatus.EXPIRED: "Expired",
    BatchStatus.CANCELLED: "Cancelled",
}
_WAITING_REASONS = {
    BatchStatus.PREPARED: "Not submitted yet.",
    BatchStatus.STOPPED: "Stopped. The remaining requests have not been made.",
    BatchStatus.VALIDATING: "The server checks the input file. The API takes from 20 seconds to 15 minutes.",
    BatchStatus.IN_PROGRESS: "The server makes the requests when it has capacity, within 24 hours.",
    BatchStatus.FINALIZING: "The server writes the result files.",
    BatchStatus.CANCELLING: "Requests under way are completed first. It may take 10 minutes.",
}


def prepare_batch(
    input_file: InputFile, profile_id: str, base_url: str, title: str, source: BatchSource = "upload"
) -> BatchRecord:
    """Make the record of a batch that has not been submitted."""
    return BatchRecord(
        uuid4().hex,
        profile_id,
        base_url,
        title,
        input_file.url,
        input_file.model,
        input_file.lines,
        datetime.now(UTC),
        source,
        input_sha256=input_file.sha256,
        input_bytes=input_file.bytes,
    )
