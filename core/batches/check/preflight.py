"""The check of an input file before it is sent: one invalid line fails the whole batch, minutes later."""

from pathlib import Path

from core.batches.check.file_check import CheckCancelled, IsCancelled, Progress, check_lines
from core.batches.check.findings import CheckReport, LineFinding, Severity
from core.batches.check.process import run_isolated

__all__ = ["CheckCancelled", "CheckReport", "LineFinding", "Severity", "check_file"]


def check_file(
    path: Path,
    *,
    endpoint: str | None = None,
    queue_limit: int | None = None,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> CheckReport:
    """Check every line of *path*, which may be anything. It blocks: call it in a thread.

    *endpoint* is that of the batch, or else that of most lines. *queue_limit* is the number of tokens that
    may wait in the model's queue, None if it is not known. *on_progress* gets the bytes read and their total.
    Raises CheckCancelled, and PlaygroundError if a vocabulary is missing or the file needs too much memory.
    """
    return run_isolated(
        check_lines, (path, endpoint, queue_limit), path, on_progress=on_progress, is_cancelled=is_cancelled
    )
