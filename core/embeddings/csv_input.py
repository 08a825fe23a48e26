"""Texts from a column of a CSV file."""

import csv
import io
from collections.abc import Iterator, Sequence

from core.embeddings.inputs import InputText, InputWarning, apply_limit
from core.errors.types import PlaygroundError
from core.files.text import decode_text

_LONGEST_CELL = 10_000_000


def column_names(data: bytes) -> list[str]:
    """Name the columns by the first row. Raises PlaygroundError for what is no CSV text."""
    header = next(_rows(data), (1, []))[1]
    if not any(cell.strip() for cell in header):
        raise PlaygroundError("The file has no header row", "Put column names in its first line.")
    return [cell.strip() or f"column {place}" for place, cell in enumerate(header, 1)]


def from_csv(
    data: bytes, column: int, group: int | None = None
) -> tuple[list[InputText], list[InputWarning]]:
    """Read the texts of the column at *column*, with their groups from that at *group*, both from 0.

    By place, as two columns may have one name. Lines count the header.
    """
    items: list[InputText] = []
    remarks: list[InputWarning] = []
    for line, row in list(_rows(data))[1:]:
        text = _cell(row, column)
        if text:
            items.append(InputText(line, text, _cell(row, group)))
        else:
            remarks.append(InputWarning(line, "empty", "Empty: left out."))
    return apply_limit(items, remarks)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on."""
    text, _ = decode_text(data)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise PlaygroundError(f"The file is no CSV from line {line} on: {error}"[:200]) from error


def _delimiter(text: str) -> str:
    """Take the separator that the first line has most of."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)
