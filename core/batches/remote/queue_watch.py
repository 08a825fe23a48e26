"""Follow batches without a page: submit them, also when the queue has room again, import their results."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from core.batches.account import account_id, is_in_account
from core.batches.batch import BatchRecord, BatchStatus
from core.batches.folder import batch_folder
from core.batches.remote.polling import poll_delay, refresh_in_turn
from core.batches.remote.queue_limit import waits_for_room
from core.batches.remote.resubmission import due_submissions, is_interrupted
from core.batches.remote.submission_jobs import SubmissionJobs
from core.batches.repository import BatchRepository
from core.batches.results.result_imports import ResultImports
from core.client.client import create_client_async
from core.errors.explain import explain
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile

_PAUSE, _LONGEST_PAUSE = 60.0, 900.0
# The server, and the account.
_Key = tuple[str, str]


def may_wait(records: Iterable[BatchRecord]) -> bool:
    """Whether one of *records* waits for the queue, or will if the server does not accept it."""
    return any(
        waits_for_room(record)
        or (record.waits_for_queue and record.status == BatchStatus.VALIDATING)
        or (record.waits_for_queue and record.status == BatchStatus.PREPARED and not record.submission_error)
        for record in records
    )


class QueueWatch:
    """Requests the batches of an account as long as one waits for the queue, and submits it. Thread-safe.

    With *imports*, as long as one has not ended, and imports its results. A process that is killed does
    nothing: the next one does after `start`. *longest_delay* is the longest time between two requests, in
    seconds.
    """

    def __init__(
        self,
        data_directory: Path,
        submissions: SubmissionJobs,
        longest_delay: float = _PAUSE,
        imports: ResultImports | None = None,
    ) -> None:
        self._data_directory = data_directory
        self._submissions = submissions
        self._imports = imports
        self._longest_delay = longest_delay
        self._lock = Lock()
        self._running: dict[_Key, Future[None]] = {}
        self._started_again: set[_Key] = set()

    def start(self, repository: BatchRepository, profile: "Profile", address: str) -> Future[None] | None:
        """Watch the batches of *profile*, whose base URL is saved as *address*; None if that is under way."""
        key = address, account_id(profile)
        with self._lock:
            if key in self._running:
                self._started_again.add(key)
                return None
            self._running[key] = task = event_loop.submit(self._watch(key, repository, profile))
        return task

    def stop(self) -> None:
        """End what is under way, without waiting for it. Nothing is lost: the next `start` continues."""
        with self._lock:
            for task in self._running.values():
                task.cancel()
            self._running.clear()

    async def _watch(self, key: _Key, repository: BatchRepository, profile: "Profile") -> None:
        failures = 0
        while await self._is_needed(key, repository):
            try:
                delay = await self._submit_due(key, repository, profile)
                failures = 0
            except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` logs a bug
                explain(error, base_url=profile.base_url)
                delay = min(self._longest_delay * 2**failures, _LONGEST_PAUSE)
                failures = min(failures + 1, 10)
            await asyncio.sleep(delay)

    async def _is_needed(self, key: _Key, repository: BatchRepository) -> bool:
        with self._lock:
            self._started_again.discard(key)
        records = await asyncio.to_thread(_records, repository, key)
        if may_wait(records) or (self._imports and await asyncio.to_thread(self._has_unfinished, records)):
            return True
        with self._lock:
            if key in self._started_again:
                return True
            self._running.pop(key, None)
            return False

    def _has_unfinished(self, records: Iterable[BatchRecord]) -> bool:
        return any(
            record.status.is_active
            or is_interrupted(record, self._data_directory)
            or self._is_import_due(record)
            for record in records
        )

    def _is_import_due(self, record: BatchRecord) -> bool:
        """Whether results are to be imported here: where the batch is from, as the page reads its files."""
        if self._imports is None or not self._imports.is_due(record):
            return False
        return batch_folder(self._data_directory, record.id).input_file.exists()

    async def _submit_due(self, key: _Key, repository: BatchRepository, profile: "Profile") -> float:
        """Submit what there is room for, and return the seconds until it is to be looked at again."""
        address, account = key
        client = await create_client_async(profile)
        await refresh_in_turn(client, repository, profile, address, self._longest_delay)
        due = await asyncio.to_thread(due_submissions, repository, address, self._data_directory, account)
        if submission := self._submissions.start(due, repository, profile):
            await asyncio.wrap_future(submission)
        records = await asyncio.to_thread(_records, repository, key)
        for record in await asyncio.to_thread(lambda: [*filter(self._is_import_due, records)]):
            if self._imports and (importing := self._imports.start(record, repository, profile)):
                await asyncio.wrap_future(importing)
        delay = poll_delay(records, datetime.now(UTC), profile.kind)
        return self._longest_delay if delay is None else min(delay, self._longest_delay)


def _records(repository: BatchRepository, key: _Key) -> list[BatchRecord]:
    address, account = key
    return [record for record in repository.list(address) if is_in_account(record, account)]
