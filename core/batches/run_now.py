"""Make the requests of an input file now, several at once, instead of submitting it as a batch."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from core.batches.batch import CAPABILITY, BatchError, BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import BatchFolder, batch_folder
from core.batches.input.request_line import read_lines
from core.batches.line_requests import ENDPOINTS, LineRequests, append_line, end_last_line, work_items
from core.batches.remote.lease import lease_renewal
from core.batches.repository import BatchRepository
from core.batches.results.results import ResultTable, import_results, save_result
from core.calls import CallService
from core.errors.types import Explanation, NotFound, PlaygroundError
from core.runner.options import DEFAULT_OPTIONS, RunnerOptions
from core.runner.repository import JobRepository
from core.runner.runner import Runner
from core.runner.runners import Runners
from core.runner.work import Budget, WorkItem, WorkJob, WorkProgress
from core.runs.run import Run

if TYPE_CHECKING:
    from core.client.profile import Profile

_STARTABLE = (BatchStatus.PREPARED, BatchStatus.STOPPED, BatchStatus.IN_PROGRESS)
_RUNNING = (BatchStatus.IN_PROGRESS, BatchStatus.CANCELLING)
_PROGRESS_INTERVAL = 1.0
_CANCELLED = {"code": "batch_cancelled", "message": "This request was not made because it was cancelled."}
# Nobody else holds the tasks that follow runners.
_followers: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class RunNow:
    """Runs the input files in the folders of *data_directory*.

    The record of such a batch has a `job_id` and is never on the server. Its status, counts and results are
    those of a batch, so that it can be watched, exported and retried in the same way.
    """

    calls: CallService
    runners: Runners
    repository: BatchRepository
    data_directory: Path

    async def start(
        self,
        record: BatchRecord,
        profile: "Profile",
        budget: Budget = Budget(),  # noqa: B008 - it is frozen
        options: RunnerOptions = DEFAULT_OPTIONS,
    ) -> Runner:
        """Make the requests of *record* that have no result yet, and return the runner that does.

        A stopped job continues, also after the process was killed. Raises PlaygroundError if the endpoint is
        not one of `ENDPOINTS`, the batch was submitted, or another process makes its requests.
        """
        if record.endpoint not in ENDPOINTS:
            raise PlaygroundError(
                f"Requests to {record.endpoint} cannot be made here.", "Submit them as a batch."
            )
        if not batch_folder(self.data_directory, record.id).input_file.exists():
            raise PlaygroundError("The input file of this batch was deleted.")
        if record.job_id and (runner := self.runners.get(record.job_id, self.calls.owner)):
            return runner
        record = await asyncio.to_thread(self._claim, record)
        try:
            job, requests = await asyncio.to_thread(self._prepare, record, profile, budget)
            save = partial(self._save, record, requests)
            runner = await self.runners.start(job, self.calls, profile, requests.prepare, save, options)
        except BaseException:
            await asyncio.to_thread(_end, self.repository, self.data_directory, record.id)
            raise
        follower = asyncio.create_task(self._follow(record.id, runner))
        _followers.add(follower)
        follower.add_done_callback(_followers.discard)
        return runner

    async def stop(self, record: BatchRecord) -> None:
        """Stop the requests. Those that are left can be made later."""
        if runner := self._runner(record):
            runner.stop()
            await runner.ended.wait()

    async def cancel(self, record: BatchRecord) -> BatchRecord:
        """End the batch without the requests that have not been made, which get a result as cancelled."""
        await asyncio.to_thread(
            self.repository.update, record.id, partial(_with_status, status=BatchStatus.CANCELLING)
        )
        if self._runner(record):
            await self.stop(record)
        elif await asyncio.to_thread(self.repository.claim, record.id, _RUNNING):
            await asyncio.to_thread(_end, self.repository, self.data_directory, record.id)
        return await asyncio.to_thread(self.repository.get, record.id)

    def _runner(self, record: BatchRecord) -> Runner | None:
        return self.runners.get(record.job_id, self.calls.owner) if record.job_id else None

    def _claim(self, record: BatchRecord) -> BatchRecord:
        try:
            self.repository.get(record.id)
        except NotFound:
            self.repository.save(record)
        if not self.repository.claim(record.id, _STARTABLE):
            raise PlaygroundError("This batch is running, or has ended.", "Reload the page.")

        def begin(current: BatchRecord) -> BatchRecord:
            if current.upload_started and not current.can_run_now:
                raise PlaygroundError("This batch is being submitted.", "Wait until it appears in the list.")
            job_id = current.job_id or uuid4().hex
            # The results so far are in the files, and are read again at the end.
            begun = replace(current, job_id=job_id, errors=(), results=None)
            begun = replace(begun, upload_started=False, submission_error=None)
            return _with_status(begun, BatchStatus.IN_PROGRESS)

        try:
            return self.repository.update(record.id, begin)
        except PlaygroundError:
            self.repository.release(record.id)
            raise

    def _prepare(
        self, record: BatchRecord, profile: "Profile", budget: Budget
    ) -> tuple[WorkJob, LineRequests]:
        """Save the job with an item for each line, unless that was done."""
        folder = batch_folder(self.data_directory, record.id)
        for path in (folder.output_file, folder.error_file):
            end_last_line(path)
        jobs = _jobs(self.repository)
        job_id = str(record.job_id)
        try:
            job = jobs.get(job_id)
        except NotFound:
            job = WorkJob(
                CAPABILITY, profile.id, profile.base_url, record.model, record.title, budget, id=job_id
            )
            jobs.create(job, ())
        queue = jobs.queue(job_id)
        # Also when the process was killed while it added them.
        if not record.lines or queue.progress().total < record.lines:
            queue.enqueue(work_items(folder.input_file))
        return job, LineRequests(folder)

    def _save(self, record: BatchRecord, requests: LineRequests, item: WorkItem, run: Run) -> None:
        """Save the result of a line in its file, and in the table that the page shows."""
        if (line := requests.write_result(item, run)) is not None:
            save_result(self.repository.store, record, int(item.key), line)

    async def _follow(self, batch_id: str, runner: Runner) -> None:
        """Save the progress of *runner* until its end."""
        try:
            async with lease_renewal(self.repository, batch_id):
                while not runner.ended.is_set():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_PROGRESS_INTERVAL):
                            await runner.ended.wait()
                    count = partial(_with_progress, progress=runner.progress)
                    await asyncio.to_thread(self._update, batch_id, count)
                await asyncio.to_thread(_end, self.repository, self.data_directory, batch_id, runner.error)
        except BaseException:
            await asyncio.to_thread(self.repository.release, batch_id)
            raise

    def _update(self, batch_id: str, change: Callable[[BatchRecord], BatchRecord]) -> None:
        with suppress(NotFound):  # deleted here meanwhile
            self.repository.update(batch_id, change)


def recover_runs(repository: BatchRepository, data_directory: Path) -> list[BatchRecord]:
    """End the batches whose process was killed; those with requests left are stopped. Blocking."""
    recovered = []
    for record in repository.list(statuses=_RUNNING):
        if record.job_id and repository.claim(record.id, _RUNNING):
            recovered.append(_end(repository, data_directory, record.id))
    return recovered


def _end(
    repository: BatchRepository, data_directory: Path, batch_id: str, error: Explanation | None = None
) -> BatchRecord:
    """Save whether all requests were made, or the job was cancelled or stopped, and release the batch."""
    record, folder = repository.get(batch_id), batch_folder(data_directory, batch_id)
    queue = _jobs(repository).queue(str(record.job_id))
    queue.recover()  # of a killed process
    if record.status == BatchStatus.CANCELLING:
        queue.cancel_waiting()
        _write_cancelled(folder, ResultTable(repository.store, batch_id))
    progress = queue.progress()
    record = repository.update(batch_id, partial(_with_progress, progress=progress))
    import_results(repository, record, folder)
    status = BatchStatus.COMPLETED
    errors: tuple[BatchError, ...] = ()
    if not progress.total or not progress.is_complete:
        status = BatchStatus.STOPPED
        errors = (BatchError(error.code or "stopped", f"{error.title}. {error.hint}"),) if error else ()
    elif progress.cancelled:
        status = BatchStatus.CANCELLED
    return repository.update(
        batch_id, lambda ended: replace(_with_status(ended, status), errors=errors), is_released=True
    )


def _jobs(repository: BatchRepository) -> JobRepository:
    return JobRepository(repository.store, repository.owner)


def _with_status(record: BatchRecord, status: BatchStatus) -> BatchRecord:
    if record.status == status:
        return record
    return replace(record, status=status, state_times=(*record.state_times, (status, datetime.now(UTC))))


def _with_progress(record: BatchRecord, progress: WorkProgress) -> BatchRecord:
    counts = RequestCounts(progress.total, progress.done, progress.failed + progress.cancelled)
    return replace(record, counts=counts, lines=progress.total or record.lines)


def _write_cancelled(folder: BatchFolder, table: ResultTable) -> None:
    """Write the error of each line that has no result."""
    present = {row.custom_id for row in table.rows()}
    for line in read_lines(folder.input_file):
        if line.custom_id not in present:
            result = {"id": f"batch_req_{uuid4().hex}", "custom_id": line.custom_id, "response": None}
            append_line(folder.error_file, {**result, "error": _CANCELLED})
