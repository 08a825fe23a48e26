"""The rows of a table beside the requests that a template made of them, for the columns of exports."""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from core.batches.input.request_line import RequestLine, read_lines, replace_file
from core.files.source_rows import Row

MAX_COLUMNS = 200


def rows_file(input_file: Path) -> Path:
    """Return where the rows of *input_file* are, a line for each request; those of uploads have none."""
    return input_file.with_name(f"{input_file.stem}.rows")


def write_rows(lines: Iterable[RequestLine], rows: Iterable[Row], input_file: Path) -> Iterator[RequestLine]:
    """Yield *lines*, and write the row of each, which is complete once all of them were taken."""
    with replace_file(rows_file(input_file)) as file:
        for line, row in zip(lines, rows, strict=True):
            file.write(_to_json(line.custom_id, row))
            yield line


def adapt_rows(before: Path, after: Path) -> None:
    """Write the rows of the input file *after*: *before* with other custom ids, or without some lines."""
    if not rows_file(before).exists():
        return
    ids = [line.custom_id for line in read_lines(after)]
    entries = [*_entries(rows_file(before))]
    if len(ids) < len(entries):
        remaining = {*ids}
        entries = [entry for entry in entries if entry[0] in remaining]
    with replace_file(rows_file(after)) as file:
        file.writelines(_to_json(custom_id, row) for custom_id, (_, row) in zip(ids, entries, strict=False))


def copy_rows(input_file: Path, target: Path) -> None:
    """Make the rows of *input_file* those of the input file *target* as well, which may be a part of it."""
    source = rows_file(input_file)
    if not source.exists():
        return
    try:
        # The file is never changed, and may be that of many parts.
        os.link(source, rows_file(target))
    except OSError:  # not every disk has links
        shutil.copyfile(source, rows_file(target))


class TemplateRows:
    """Reads the rows of *input_file* by custom id. In memory is only where each of them starts."""

    def __init__(self, input_file: Path) -> None:
        self._path = rows_file(input_file)
        self._offsets: dict[str, int] = {}
        columns: dict[str, None] = {}
        offset = 0
        for custom_id, row, size in _sized_entries(self._path):
            self._offsets[custom_id] = offset
            offset += size
            columns.update(dict.fromkeys(row))
        self.columns = tuple(columns)[:MAX_COLUMNS]

    def find(self, custom_ids: Iterable[str]) -> dict[str, Row]:
        """Return the rows of those of *custom_ids* that have one."""
        if not self._offsets:
            return {}
        rows = {}
        with self._path.open("rb") as file:
            for custom_id in custom_ids:
                if custom_id in self._offsets:
                    file.seek(self._offsets[custom_id])
                    rows[custom_id] = orjson.loads(file.readline())["row"]
        return rows


def _entries(path: Path) -> Iterator[tuple[str, Row]]:
    for custom_id, row, _size in _sized_entries(path):
        yield custom_id, row


def _sized_entries(path: Path) -> Iterator[tuple[str, Row, int]]:
    """Yield custom id, row and size of each line of the file *path*, which need not exist."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for data in file:
            entry = orjson.loads(data)
            yield entry["custom_id"], entry["row"], len(data)


def _to_json(custom_id: str, row: Row) -> bytes:
    entry = {"custom_id": custom_id, "row": dict(row)}
    return orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE)
