"""Submissions that continue without the page that started them."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from core.batches.account import account_id
from core.batches.batch import BatchRecord
from core.batches.folder import batch_folder
from core.batches.remote.submission import submit
from core.batches.repository import BatchRepository
from core.client.client import create_client_async
from core.errors.explain import explain
from core.errors.types import Explanation, NotFound, PlaygroundError
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile


class SubmissionJobs:
    """The submissions of this process, of input files in the folders of *data_directory*. Thread-safe."""

    def __init__(self, data_directory: Path) -> None:
        self._data_directory = data_directory
        self._lock = Lock()
        self._running: dict[str, Future[None]] = {}

    def start(
        self, records: Sequence[BatchRecord], repository: BatchRepository, profile: "Profile"
    ) -> Future[None] | None:
        """Submit *records* one after the other, without those that are being submitted.

        After an error, those that are left are not submitted. It is saved as the error of all of these.
        """
        with self._lock:
            new = [record for record in records if record.id not in self._running]
            if not new:
                return None
            task = event_loop.submit(self._submit_all(new, repository, profile))
            for record in new:
                self._running[record.id] = task
        # It may have ended already, and then this calls back at once.
        task.add_done_callback(partial(self._on_done, tuple(record.id for record in new)))
        return task

    def is_running(self, batch_id: str) -> bool:
        return batch_id in self._running

    def _on_done(self, batch_ids: tuple[str, ...], _task: Future[None]) -> None:
        with self._lock:
            for batch_id in batch_ids:
                self._running.pop(batch_id, None)

    async def _submit_all(
        self, records: Sequence[BatchRecord], repository: BatchRepository, profile: "Profile"
    ) -> None:
        for index, record in enumerate(records):
            try:
                await self._submit(record, repository, profile)
            except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
                explanation = explain(error, base_url=profile.base_url)
                for left in records[index:]:
                    await asyncio.to_thread(_save_error, repository, left.id, explanation)
                return

    async def _submit(self, record: BatchRecord, repository: BatchRepository, profile: "Profile") -> None:
        path = batch_folder(self._data_directory, record.id).input_file
        tokens = record.tokens or await asyncio.to_thread(_count_tokens, path)
        begin = partial(replace, tokens=tokens, submission_error=None, account=account_id(profile))
        record = await asyncio.to_thread(repository.update, record.id, begin)
        client = await create_client_async(profile)
        await submit(client, repository, record, path)


def _save_error(repository: BatchRepository, batch_id: str, error: Explanation) -> None:
    with suppress(NotFound):  # deleted here meanwhile
        repository.update(batch_id, partial(replace, submission_error=error))


def _count_tokens(path: Path) -> int:
    """Return the estimated tokens of a file; 0 if they cannot be counted, which prevents no submission."""
    from core.batches.check.preflight import check_file

    try:
        return check_file(path).tokens
    except PlaygroundError:
        return 0
