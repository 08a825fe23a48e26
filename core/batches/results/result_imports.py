"""Downloads and imports of results that continue without the page that started them."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.folder import batch_folder
from core.batches.remote.service import download_results
from core.batches.repository import BatchRepository
from core.batches.results.result_runs import save_result_runs
from core.batches.results.results import import_results
from core.client.client import create_client_async
from core.errors.explain import explain
from core.errors.types import Explanation, NotFound
from core.runs import event_loop

if TYPE_CHECKING:
    from core.client.profile import Profile


@dataclass(slots=True)
class ImportProgress:
    """How many of the *lines* have been read; none while the files are downloaded."""

    lines: int
    read: int = 0
    is_read: bool = False


class ResultImports:
    """The imports of this process, one at a time, into folders of *data_directory*. Thread-safe."""

    def __init__(self, data_directory: Path) -> None:
        self._data_directory = data_directory
        self._lock = Lock()
        self._running: dict[str, ImportProgress] = {}
        self._errors: dict[str, Explanation] = {}
        self._last: Future[None] | None = None

    def start(
        self, record: BatchRecord, repository: BatchRepository, profile: "Profile"
    ) -> Future[None] | None:
        """Import the results of an ended batch; None if that is under way. A failed import is repeated."""
        with self._lock:
            if record.id in self._running:
                return None
            self._errors.pop(record.id, None)
            self._running[record.id] = ImportProgress(record.lines)
            self._last = event_loop.submit(self._run(self._last, self._import(record, repository, profile)))
            task = self._last
        # It may have ended already, and then this calls back at once.
        task.add_done_callback(partial(self._on_done, record.id))
        return task

    def progress(self, batch_id: str) -> ImportProgress | None:
        """Return the progress of an import that has started or waits for others; None once all is read."""
        progress = self._running.get(batch_id)
        return None if progress is None or progress.is_read else progress

    def error(self, batch_id: str) -> Explanation | None:
        """Return why the last import of this process failed."""
        return self._errors.get(batch_id)

    def is_due(self, record: BatchRecord) -> bool:
        """Whether a batch has results that have neither been imported, also as runs, nor failed to be."""
        has_files = bool(record.output_file_id or record.error_file_id)
        has_ended = not record.status.is_active and record.status != BatchStatus.GONE
        running = self._running.get(record.id)
        is_read = running is not None and running.is_read  # and is being saved as runs
        if not has_files or not has_ended or is_read or record.id in self._errors:
            return False
        return record.results is None or batch_folder(self._data_directory, record.id).unsaved_runs.exists()

    async def _run(self, previous: Future[None] | None, importing: Coroutine[Any, Any, None]) -> None:
        if previous and not previous.done():
            await asyncio.wait([asyncio.wrap_future(previous)])
        await importing

    async def _import(self, record: BatchRecord, repository: BatchRepository, profile: "Profile") -> None:
        folder, progress = batch_folder(self._data_directory, record.id), self._running[record.id]
        try:
            await download_results(await create_client_async(profile), record, folder)
            # Until the end, so that the rest is saved after a crash.
            folder.unsaved_runs.touch()
            await asyncio.to_thread(
                import_results, repository, record, folder, lambda lines: setattr(progress, "read", lines)
            )
            progress.is_read = True
            await asyncio.to_thread(save_result_runs, repository, record, folder, profile)
            folder.unsaved_runs.unlink(missing_ok=True)
        except NotFound:
            return  # the batch was deleted here meanwhile
        except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
            self._errors[record.id] = explain(error, base_url=profile.base_url)

    def _on_done(self, batch_id: str, _task: Future[None]) -> None:
        with self._lock:
            self._running.pop(batch_id, None)
