"""Rows of named texts: from a table, JSON lines, pasted lines or a range of numbers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import orjson

from core.errors.types import PlaygroundError
from core.files.csv_table import csv_rows
from core.files.text import decode_text

Row = Mapping[str, str]

MAX_ROWS = 1_000_000
LINE_COLUMN = "line"
NUMBER_COLUMN = "i"

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows with the same columns. *read* starts from the first row each time, so a preview costs little."""

    columns: tuple[str, ...]
    read: Callable[[], Iterator[Row]]

    def rows(self) -> Iterator[Row]:
        """Yield all rows. Raises PlaygroundError for an invalid row, or when there are too many."""
        for count, row in enumerate(self.read()):
            if count == MAX_ROWS:
                raise PlaygroundError(f"There are more than {MAX_ROWS:,} rows.", "Use a part of them.")
            yield row

    def preview(self, limit: int) -> list[Row]:
        """Return the first *limit* rows."""
        return list(islice(self.rows(), limit))

    def count(self) -> int:
        """Count the rows, which reads all of them."""
        return sum(1 for _ in self.rows())


def csv_source(data: bytes) -> RowSource:
    """Read a CSV file with column names in its first line. Raises PlaygroundError."""
    text, _encoding = decode_text(data)
    header = next(csv_rows(text), (1, []))[1]
    if not any(name.strip() for name in header):
        raise PlaygroundError("The file has no header row.", "Put column names in its first line.")
    columns = _column_names(header)

    def read() -> Iterator[Row]:
        for _line, cells in islice(csv_rows(text), 1, None):
            if any(cell.strip() for cell in cells):
                padded = [*cells, *[""] * (len(columns) - len(cells))]
                yield dict(zip(columns, padded, strict=False))

    return RowSource(columns, read)


def json_lines_source(data: bytes) -> RowSource:
    """Read JSON objects, one per line; the columns are the names in the first of them.

    Raises PlaygroundError, when it is read also for a later line that is not an object.
    """
    text, _encoding = decode_text(data)

    def objects() -> Iterator[Row]:
        for number, line in enumerate(_LINE_END.split(text), 1):
            if line.strip():
                yield {name: _as_text(value) for name, value in _parse_object(line, number).items()}

    first = next(objects(), None)
    if first is None:
        raise PlaygroundError("The file is empty.", "Choose another file.")
    empty = dict.fromkeys(first, "")
    return RowSource(tuple(first), lambda: ({**empty, **row} for row in objects()))


def pasted_source(text: str) -> RowSource:
    """Use each line that is not blank as the only column."""
    return RowSource(
        (LINE_COLUMN,),
        lambda: ({LINE_COLUMN: line.strip()} for line in _LINE_END.split(text) if line.strip()),
    )


def range_source(start: int, stop: int) -> RowSource:
    """Count from *start* to *stop*, both included."""
    return RowSource(
        (NUMBER_COLUMN,), lambda: ({NUMBER_COLUMN: str(number)} for number in range(start, stop + 1))
    )


def _column_names(header: list[str]) -> tuple[str, ...]:
    """Return the cells of *header*, those that are empty or not unique with a number."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = cell.strip() or f"column {number}"
        names.append(f"{name} {number}" if name in names else name)
    return tuple(names)


def _parse_object(line: str, number: int) -> dict[str, object]:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        message = f"Line {number:,} is not valid JSON: {error.msg} (column {error.colno})."
        raise PlaygroundError(message[:300], "Correct the line.") from None
    if not isinstance(value, dict):
        raise PlaygroundError(f"Line {number:,} is not a JSON object.", 'Example: {"topic": "tea"}')
    return value


def _as_text(value: object) -> str:
    """Return *value* as a cell of a table has it: a text as it is, null as an empty one, the rest as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
