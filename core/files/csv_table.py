"""Tables as CSV files."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.errors.types import PlaygroundError
from core.files.csv_injection import escape_cell

_BOM = "\ufeff"  # without it, Excel does not read the file as UTF-8
_MAX_CELL_LENGTH = 10_000_000
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')


def table_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write *rows* with the keys of the first as header, and texts that a spreadsheet does not run."""
    out = io.StringIO(_BOM, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([escape_cell(name) for name in (rows[0] if rows else ())])
    for row in rows:
        writer.writerow([escape_cell(value) if isinstance(value, str) else value for value in row.values()])
    return out.getvalue().encode(errors="replace")


def csv_rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number where each row starts, and the row; blank lines are empty rows.

    The delimiter is the most frequent one in the first line, outside quotes. Raises PlaygroundError with the
    line of an invalid row.
    """
    # The default of 131,072 characters is less than a long document has.
    csv.field_size_limit(_MAX_CELL_LENGTH)
    header = _QUOTED.sub("", text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=header.count))
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise PlaygroundError(f"Line {line} of the CSV file is invalid: {error}"[:200]) from error
