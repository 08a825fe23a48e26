"""Texts from a column of a CSV file."""

import csv
import io
from collections.abc import Iterator, Sequence

from core.embeddings.inputs import Item, Remark, within_limit
from core.errors import PlaygroundError

_LONGEST_CELL = 10_000_000
# Excel in Korea writes cp949; UTF-16 shows by its mark.
_ENCODINGS = ("utf-8-sig", "cp949")


def columns_of(data: bytes) -> list[str]:
    """Name the columns by the first row. Raises PlaygroundError for what is no CSV text."""
    header = next(_rows(data), (1, []))[1]
    if not any(cell.strip() for cell in header):
        raise PlaygroundError("The file has no header row", "Put column names in its first line.")
    return [cell.strip() or f"column {place}" for place, cell in enumerate(header, 1)]


def from_csv(data: bytes, column: str, group: str | None = None) -> tuple[list[Item], list[Remark]]:
    """Read the texts of *column*, with their groups from the column *group*. Lines count the header."""
    columns = columns_of(data)
    place, group_place = columns.index(column), columns.index(group) if group else None
    items: list[Item] = []
    remarks: list[Remark] = []
    for line, row in list(_rows(data))[1:]:
        text = _cell(row, place)
        if text:
            items.append(Item(line, text, _cell(row, group_place)))
        else:
            remarks.append(Remark(line, "empty", "Empty: left out."))
    return within_limit(items, remarks)


def _cell(row: Sequence[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _rows(data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on."""
    text = _decoded(data)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise PlaygroundError(f"The file is no CSV from line {line} on: {error}"[:200]) from error


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise PlaygroundError("The file is not text", "Save it as CSV in UTF-8.")


def _delimiter(text: str) -> str:
    """Take the separator that the first line has most of."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)
