"""The thread that takes the batches of a sandbox from state to state."""

import hashlib
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from core.sandbox.api.errors import ApiError
from core.sandbox.api.models import ModelCatalog
from core.sandbox.api.prompt_tokens import PromptCache
from core.sandbox.batches.executor import LineExecutor, LineRange, LocalExecutor, ProcessExecutor
from core.sandbox.batches.lines import unexecuted_line
from core.sandbox.batches.store import BatchStore, StoredBatch
from core.sandbox.batches.validation import Validation
from core.sandbox.files.store import FileStore

# Seconds of each state at speed 1.
_VALIDATING, _IN_PROGRESS, _FINALIZING, _CANCELLING = 3.0, 12.0, 2.0, 2.0
_MIN_LINES_PER_SECOND = 8.0
# A transaction holds at most these results; the next batch has its turn after them.
_MAX_LINES, _MAX_SECONDS = 100, 0.1
_INTERVAL = 0.1
# An input file below this size takes about as long as the start of a process.
_MIN_PROCESS_BYTES = 256 * 1024
_log = logging.getLogger(__name__)


class BatchRunner:
    """Executes all batches in turn. The lines of large ones are executed in another process."""

    def __init__(
        self, batches: BatchStore, files: FileStore, catalog: ModelCatalog, cache: PromptCache
    ) -> None:
        self._batches, self._files, self._catalog = batches, files, catalog
        self._local, self._process = LocalExecutor(catalog, cache), ProcessExecutor()
        self._wake = threading.Event()
        self._stopped = False
        # Held during a step, so that a reset does not remove what the step is using.
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="sandbox-batches", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Look for new batches now."""
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._process.stop()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            with self.lock:
                active = self._batches.active()
                changed = [self._step_or_fail(batch, active) for batch in active if not self._stopped]
            if not active:
                self._process.stop()
            if not any(changed):
                self._wake.wait(_INTERVAL if active else None)

    def _step_or_fail(self, batch: StoredBatch, active: tuple[StoredBatch, ...]) -> bool:
        try:
            return self._step(batch, active)
        except Exception:  # noqa: BLE001 - logged, and reported in the batch
            # Nobody awaits this thread, and the other batches must continue.
            _log.exception("Batch %s failed", batch.id)
            result = Validation(batch.body["endpoint"], self._catalog)
            result.add_error("server_error", "The sandbox had an error. This is a bug in the sandbox.")
            self._batches.change(batch, "failed", errors={"object": "list", "data": result.errors})
            return True

    def _step(self, batch: StoredBatch, active: tuple[StoredBatch, ...]) -> bool:
        """Do what is due, and return whether anything was."""
        elapsed = (time.time() - batch.plan["since"]) * batch.plan["speed"]
        match batch.body["status"]:
            case "validating" if elapsed >= _VALIDATING:
                self._validate(batch, active)
            case "in_progress":
                return self._continue(batch, elapsed)
            case "finalizing" if elapsed >= _FINALIZING:
                self._finish(batch, "completed")
            case "cancelling" if elapsed >= _CANCELLING:
                self._finish(batch, "cancelled")
            case _:
                return False
        return True

    def _validate(self, batch: StoredBatch, active: tuple[StoredBatch, ...]) -> None:
        body, plan = batch.body, batch.plan
        result = Validation(body["endpoint"], self._catalog)
        try:
            source = self._files.content(batch.owner, body["input_file_id"])
            purpose = self._files.get(batch.owner, body["input_file_id"])["purpose"]
            if purpose == "batch":
                result = self._executor(source).validate(source, body["endpoint"])
                _link(source, self._input_path(batch))
            else:
                result.add_error("invalid_request", f"The file has purpose '{purpose}', not 'batch'.")
        except (ApiError, OSError):
            result.add_error("invalid_request", f"Cannot find file {body['input_file_id'][:100]}.")
        if plan["outcome"] == "fail-validation":
            result.add_error("invalid_json_line", "This line is not parseable as valid JSON.", 1)
        enqueued = result.tokens
        for other in active:
            if other.body["model"] == result.model and self._input_path(other).exists():
                enqueued += self._input_path(other).stat().st_size // 4
        if plan["token_limit"] and enqueued > plan["token_limit"] and not result.errors:
            message = (
                f"Enqueued token limit reached for {result.model} in organization sandbox. "
                f"Limit: {plan['token_limit']} enqueued tokens. "
                "Please try again once some in_progress batches have been completed."
            )
            result.add_error("token_limit_exceeded", message)
        if result.errors:
            self._batches.change(batch, "failed", errors={"object": "list", "data": result.errors})
            self._input_path(batch).unlink(missing_ok=True)
            return
        counts = {"total": result.lines, "completed": 0, "failed": 0}
        self._batches.change(batch, "in_progress", model=result.model, request_counts=counts)

    def _continue(self, batch: StoredBatch, elapsed: float) -> bool:
        total, plan = batch.body["request_counts"]["total"], batch.plan
        if plan["line"] >= total:
            self._batches.change(batch, "finalizing")
            return True
        if time.time() >= batch.body["expires_at"] or (
            plan["outcome"] == "expire" and plan["line"] >= total // 2
        ):
            self._finish(batch, "expired")
            return True
        due = min(total, int(elapsed * max(total / _IN_PROGRESS, _MIN_LINES_PER_SECOND))) - plan["line"]
        if plan["outcome"] == "expire":
            due = min(due, total // 2 - plan["line"])
        if due <= 0:
            return False
        path = self._input_path(batch)
        lines = LineRange(path, plan["offset"], plan["line"] + 1, min(due, _MAX_LINES))
        executor = self._executor(path)
        executed = executor.execute(lines, batch.body["endpoint"], plan["outcome"], _MAX_SECONDS)
        self._batches.add_results(batch, executed.results, executed.offset)
        return bool(executed.results)

    def _executor(self, path: Path) -> LineExecutor:
        """Return what works with the lines of the input file *path*."""
        return self._process if path.stat().st_size >= _MIN_PROCESS_BYTES else self._local

    def _finish(self, batch: StoredBatch, status: str) -> None:
        """Write the output and the error file. Done again after a kill, it writes the same files."""
        errors: Iterable[str] = self._batches.results(batch.id, succeeded=False)
        if status != "completed":
            errors = chain(errors, self._unexecuted(batch, status))
        names = {}
        for kind, lines in (
            ("output", self._batches.results(batch.id, succeeded=True)),
            ("error", errors),
        ):
            digest = hashlib.sha256(f"{batch.id}{kind}".encode()).hexdigest()[:24]
            path = self._files.path(f"file-{digest}")
            if _write_lines(path, lines):
                filename = f"{batch.id}_{kind}.jsonl"
                seconds = batch.plan["seconds"]
                self._files.add(path.name, batch.owner, filename, "batch_output", seconds)
                names[f"{kind}_file_id"] = path.name
        self._batches.change(batch, status, **names)
        self._input_path(batch).unlink(missing_ok=True)

    def _unexecuted(self, batch: StoredBatch, status: str) -> Iterator[str]:
        path = self._input_path(batch)
        if not batch.body["request_counts"]["total"] or not path.exists():
            return  # cancelled before it was validated
        with path.open("rb") as file:
            file.seek(batch.plan["offset"])
            for text in file:
                yield unexecuted_line(text, status)

    def _input_path(self, batch: StoredBatch) -> Path:
        """The input file of the batch itself: the uploaded one may be deleted while the batch runs."""
        return self._files.path(batch.id)


def _link(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    link: Callable[[Path, Path], object] = os.link
    try:
        link(source, target)
    except OSError:  # a file system without links
        shutil.copyfile(source, target)


def _write_lines(path: Path, lines: Iterable[str]) -> bool:
    """Write *lines*, and return whether there were any; without, there is no file."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in lines)
    if path.stat().st_size:
        return True
    path.unlink()
    return False
