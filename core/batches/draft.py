"""An input file before it is submitted: written, checked, corrected and split in the background."""

import asyncio
import shutil
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from core.batches.batch import BatchRecord, BatchSource, prepare_batch
from core.batches.draft_task import DraftTask
from core.batches.folder import batch_folder
from core.batches.input.request_line import InputFile, replace_file
from core.batches.input.template_file import RowFile, Template, row_format
from core.batches.input.template_rows import adapt_rows, copy_rows, rows_file
from core.runs import event_loop

if TYPE_CHECKING:
    from core.batches.check.findings import CheckReport
    from core.batches.check.fixes import LineChange


_MAX_DRAFTS = 50
_MAX_AGE = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file and what its check says. *changes* are the first corrections that can be made.

    *original* is the same file before its corrections. *parts* are what it was split into, by the limits of
    one batch or by that of the queue.
    """

    path: Path
    report: "CheckReport"
    changes: "tuple[LineChange, ...]" = ()
    original: Path | None = None
    parts: tuple[InputFile, ...] = ()
    is_split_by_tokens: bool = False


@dataclass(slots=True, eq=False)
class BatchDraft:
    """The requests that a user is preparing, with their files in *folder*.

    *title* is a suggestion. *settings* are those of its form, for a page that is loaded again. *upload* is
    a file of requests, *rows* is one of rows for a template. *task* is None while the form is edited.
    """

    folder: Path
    id: str
    title: str = ""
    settings: dict[str, object] = field(default_factory=dict)
    upload: RowFile | None = None
    rows: RowFile | None = None
    checked: CheckedFile | None = None
    task: DraftTask | None = None
    source: BatchSource = "upload"
    is_submitted: bool = False
    _future: "Future[None] | None" = None
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_busy(self) -> bool:
        return self.task is not None and self.task.is_running

    def save(self, name: str, content: IO[bytes]) -> RowFile:
        """Copy an uploaded file to the folder, whatever its name with the extension of an input file."""
        path = self._new_path()
        with replace_file(path) as file:
            shutil.copyfileobj(content, file)
        return RowFile(path, row_format(name), name)

    def check_template(self, template: Template, rows: "RowFile | str") -> None:
        """Write the requests of *template* for *rows*, a file or pasted lines, and check them."""
        from core.batches.input.template_file import write_template

        def work(task: DraftTask) -> None:
            file = self._new_path()
            write_template(
                self._row_file(rows),
                template,
                file,
                on_progress=task.on_progress,
                is_cancelled=task.is_cancelled,
            )
            self._check(file, None, task)

        self.source, self.checked = "template", None
        self._start("Writing the requests", work)

    def check_upload(self) -> None:
        """Check the uploaded file."""
        assert self.upload
        path = self.upload.path
        self.source, self.checked = "upload", None
        self._start("Checking the lines", lambda task: self._check(path, None, task))

    def correct(self) -> None:
        """Correct what has a safe correction, and check the result."""
        from core.batches.check.fixes import fix_all

        self._change("Correcting the lines", fix_all)

    def leave_out_invalid(self) -> None:
        """Leave out the lines that have an error, and check the result."""
        from core.batches.check.fixes import leave_out_invalid

        self._change("Leaving lines out", leave_out_invalid)

    def _change(self, activity: str, change: Callable[..., Path]) -> None:
        checked = self.checked
        assert checked

        def work(task: DraftTask) -> None:
            path, stop = self._new_path(), task.is_cancelled
            change(checked.path, checked.report, path, on_progress=task.on_progress, is_cancelled=stop)
            adapt_rows(checked.path, path)
            self._check(path, checked.original or checked.path, task)

        self._start(activity, work)

    def undo_corrections(self) -> None:
        """Check the file again as it was before its corrections."""
        assert self.checked
        path = self.checked.original
        assert path
        self._start("Checking the lines", lambda task: self._check(path, None, task))

    def split(self, max_tokens: int) -> None:
        """Split the file into batches of at most *max_tokens* each."""
        checked = self.checked
        assert checked

        def work(task: DraftTask) -> None:
            parts = self._split(checked.report, max_tokens, task)
            self._save(replace(checked, parts=parts, is_split_by_tokens=True), task)

        self._start("Splitting the file", work)

    def edit(self) -> None:
        """Return to the form, without the check."""
        self.stop()
        self.task = self.checked = None

    def stop(self) -> None:
        if self.task:
            self.task.stop()

    def take_records(
        self, title: str, profile_id: str, base_url: str, data_directory: Path, *, is_split: bool = True
    ) -> list[BatchRecord]:
        """Move the files to the folders of new batches, and return these; none if that was done before."""
        checked = self.checked
        with self._lock:
            if self.is_submitted or self.is_busy or checked is None or checked.report.file is None:
                return []
            self.is_submitted = True
        parts = checked.parts if is_split else ()
        files = parts or (checked.report.file,)
        records = []
        for number, file in enumerate(files, 1):
            name = f"{title} ({number} of {len(files)})" if len(files) > 1 else title
            record = prepare_batch(file, profile_id, base_url, name, self.source)
            target = batch_folder(data_directory, record.id).input_file
            target.parent.mkdir(parents=True)
            file.path.replace(target)
            copy_rows(checked.path, target)
            if parts:
                # Together they are more than the queue takes, and any of them may be rejected first.
                records.append(replace(record, waits_for_queue=checked.is_split_by_tokens))
            else:
                records.append(replace(record, tokens=checked.report.tokens))
        return records

    def delete(self) -> None:
        """Stop what is being done, and delete the files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _row_file(self, rows: RowFile | str) -> RowFile:
        if isinstance(rows, RowFile):
            return rows
        path = self._new_path()
        with replace_file(path) as file:
            file.write(rows.encode())
        return RowFile(path, "lines")

    def _start(self, activity: str, work: Callable[[DraftTask], None]) -> None:
        with self._lock:
            if self.is_busy or self.is_submitted:
                return
            self.task = DraftTask(activity)
        self._future = event_loop.submit(asyncio.to_thread(self.task.run, work))

    def _check(self, path: Path, original: Path | None, task: DraftTask) -> None:
        from core.batches.check.fixes import preview_fixes
        from core.batches.check.preflight import check_file

        task.begin("Checking the lines")
        report = check_file(path, on_progress=task.on_progress, is_cancelled=task.is_cancelled)
        parts = self._split(report, None, task) if report.needs_split else ()
        self._save(CheckedFile(path, report, tuple(preview_fixes(path, report)), original, parts), task)

    def _split(self, report: "CheckReport", max_tokens: int | None, task: DraftTask) -> tuple[InputFile, ...]:
        from core.batches.check.splitting import batch_maximum, split_file

        assert report.file
        task.begin("Splitting the file")
        parts = split_file(
            report.file,
            self.folder / f"parts-{uuid4().hex}",
            batch_maximum(max_tokens),
            on_progress=task.on_progress,
            is_cancelled=task.is_cancelled,
        )
        return tuple(parts) if len(parts) > 1 else ()

    def _save(self, checked: CheckedFile, task: DraftTask) -> None:
        """Save the result of *task*, unless the user has gone on, and delete the files of earlier ones."""
        if self.task is not task:
            return
        self.checked = checked
        uploaded = (file.path for file in (self.upload, self.rows) if file)
        parts = (part.path.parent for part in checked.parts)
        inputs = [path for path in (checked.path, checked.original) if path]
        used = {*uploaded, *parts, *inputs, *map(rows_file, inputs)}
        for path in self.folder.iterdir():
            if path in used:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _new_path(self) -> Path:
        return self.folder / f"{uuid4().hex}.jsonl"


class BatchDrafts:
    """The drafts of this process, the newest last, in a folder of *data_directory*. Thread-safe."""

    def __init__(self, data_directory: Path) -> None:
        self._folder = data_directory / "batch-drafts"
        self._drafts: dict[str, BatchDraft] = {}
        self._lock = Lock()

    def create(self) -> BatchDraft:
        """Make a draft. It deletes the oldest one if there are many, and files that other processes left."""
        draft_id = uuid4().hex
        draft = BatchDraft(self._folder / draft_id, draft_id)
        with self._lock:
            self._drafts[draft.id] = draft
            oldest = [*self._drafts.values()][:-_MAX_DRAFTS]
        for old in oldest:
            self.discard(old)
        for folder in self._folder.glob("*"):
            if folder.name not in self._drafts and time.time() - folder.stat().st_mtime > _MAX_AGE:
                shutil.rmtree(folder, ignore_errors=True)
        return draft

    def get(self, draft_id: str) -> BatchDraft | None:
        return self._drafts.get(draft_id)

    def discard(self, draft: BatchDraft) -> None:
        """Delete a draft with its files."""
        with self._lock:
            self._drafts.pop(draft.id, None)
        draft.delete()
