"""Write the input file of a template and a file of rows, in a process of its own if the rows are many."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.batches.check.file_check import CheckCancelled, IsCancelled, Progress
from core.batches.check.process import run_isolated
from core.batches.input.request_line import InputFile, RequestLine, write_lines
from core.batches.input.template import ChatTemplate, EmbeddingTemplate, chat_lines, embedding_lines
from core.batches.input.template_rows import write_rows
from core.files.source_rows import RowSource, csv_source, json_lines_source, pasted_source

RowFormat = Literal["csv", "jsonl", "lines"]
Template = ChatTemplate | EmbeddingTemplate

_FORMATS: dict[str, RowFormat] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_PROGRESS_LINES = 500


@dataclass(frozen=True, slots=True)
class RowFile:
    """A file of rows for a template. *name* is that of the file when it was uploaded."""

    path: Path
    format: RowFormat
    name: str = ""

    def source(self) -> RowSource:
        """Read the file. Raises PlaygroundError if it has no columns."""
        if self.format == "lines":
            return pasted_source(self.path.read_text(encoding="utf-8"))
        return (csv_source if self.format == "csv" else json_lines_source)(self.path.read_bytes())


def row_format(name: str) -> RowFormat:
    """Return the format of the file *name*; other text files have a row on each line."""
    return _FORMATS.get(Path(name).suffix.lower(), "lines")


def template_lines(template: Template, source: RowSource) -> Iterator[RequestLine]:
    """Yield a line for each row of *source*."""
    if isinstance(template, ChatTemplate):
        return chat_lines(template, source)
    return embedding_lines(template, source)


def write_template(
    rows: RowFile,
    template: Template,
    target: Path,
    *,
    on_progress: Progress = lambda _done, _total: None,
    is_cancelled: IsCancelled = lambda: False,
) -> InputFile:
    """Write a request to *target* for each row, and the rows beside it. It blocks: call it in a thread.

    *on_progress* gets the rows written and their total. Raises CheckCancelled, and PlaygroundError if a row
    is not valid or there are none.
    """
    arguments = (rows, template, target)
    return run_isolated(_write, arguments, rows.path, on_progress=on_progress, is_cancelled=is_cancelled)


def _write(
    rows: RowFile, template: Template, target: Path, *, on_progress: Progress, is_cancelled: IsCancelled
) -> InputFile:
    source = rows.source()
    total = source.count()
    lines = write_rows(template_lines(template, source), source.rows(), target)
    return write_lines(target, _track(lines, total, on_progress, is_cancelled))


def _track(
    lines: Iterator[RequestLine], total: int, on_progress: Progress, is_cancelled: Callable[[], bool]
) -> Iterator[RequestLine]:
    for number, line in enumerate(lines, 1):
        yield line
        if number % _PROGRESS_LINES == 0:
            on_progress(number, total)
            if is_cancelled():
                raise CheckCancelled
