"""Submit batches again: when the queue has room, and after the process was killed during the submission."""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from core.batches.account import is_in_account
from core.batches.batch import BatchRecord, BatchStatus
from core.batches.folder import batch_folder
from core.batches.remote.queue_limit import next_to_resubmit
from core.batches.repository import BatchRepository

_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
# Batches that have ended otherwise are neither in a queue nor submitted again.
_STATUSES = (
    BatchStatus.PREPARED,
    BatchStatus.FAILED,
    *(status for status in BatchStatus if status.is_active),
)


def due_submissions(
    repository: BatchRepository, base_url: str, data_directory: Path, account: str = ""
) -> list[BatchRecord]:
    """Return the prepared batches of an account that are to be submitted now, without asking the user.

    These are the ones whose submission was interrupted, and at most one that waited until the queue has room:
    whether there is room for the next one is known after the server has accepted it. Blocking.
    """
    records = repository.list(base_url, statuses=_STATUSES)
    records = [record for record in records if is_in_account(record, account)]
    # Only read: a lease that is taken here, for however short, would make a submission fail.
    interrupted = (record for record in records if is_interrupted(record, data_directory))
    due = [record for record in interrupted if not repository.is_claimed(record.id)]
    waiting = next_to_resubmit(_without_early(records, datetime.now(UTC)))
    if waiting and (child := _resubmit(repository, waiting, data_directory)):
        due.append(child)
    return due


def _without_early(records: Sequence[BatchRecord], now: datetime) -> Iterator[BatchRecord]:
    """Yield *records*; those that have just been submitted again in vain do not wait yet.

    Others of the organisation may use the same queue, so that there can be less room than is known here.
    """
    by_id = {record.id: record for record in records}
    for record in records:
        failed_at = dict(record.state_times).get(BatchStatus.FAILED)
        if record.waits_for_queue and failed_at:
            attempts, ancestor = 0, by_id.get(record.parent_id or "")
            while ancestor and ancestor.input_sha256 == record.input_sha256:
                attempts, ancestor = attempts + 1, by_id.get(ancestor.parent_id or "")
            if attempts and now < failed_at + min(_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE):
                yield replace(record, waits_for_queue=False)
                continue
        yield record


def is_interrupted(record: BatchRecord, data_directory: Path) -> bool:
    """Whether the process was killed during the submission. One that failed is repeated by the user only.

    The file may be on another machine with the same database, which continues the submission.
    """
    is_begun = record.status == BatchStatus.PREPARED and record.upload_started
    has_failed = record.submission_error is not None
    return is_begun and not has_failed and batch_folder(data_directory, record.id).input_file.exists()


def _resubmit(repository: BatchRepository, record: BatchRecord, data_directory: Path) -> BatchRecord | None:
    """Save a new batch of the same file, whose parent is *record*; None if another session did it first."""
    child = BatchRecord(
        uuid4().hex,
        record.profile_id,
        record.base_url,
        record.title,
        record.endpoint,
        record.model,
        record.lines,
        datetime.now(UTC),
        record.source,
        tokens=record.tokens,
        input_sha256=record.input_sha256,
        input_bytes=record.input_bytes,
        # So that it is continued if the process is killed before that.
        upload_started=True,
        waits_for_queue=True,
        parent_id=record.id,
        target_job_id=record.target_job_id,
        account=record.account,
    )
    source, folder = (
        batch_folder(data_directory, record.id).input_file,
        batch_folder(data_directory, child.id),
    )
    if not source.exists():
        repository.update(record.id, lambda current: replace(current, waits_for_queue=False))
        return None
    folder.path.mkdir(parents=True)
    try:
        os.link(source, folder.input_file)
    except OSError:  # a file system without links
        shutil.copyfile(source, folder.input_file)
    if repository.replace_waiting(record.id, child):
        return child
    folder.delete()
    return None
