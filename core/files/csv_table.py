"""Tables as CSV files."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from core.files.csv_injection import escape_cell

_BOM = "\ufeff"  # without it, Excel does not read the file as UTF-8


def table_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write *rows* with the keys of the first as header, and texts that a spreadsheet does not run."""
    out = io.StringIO(_BOM, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([escape_cell(name) for name in (rows[0] if rows else ())])
    for row in rows:
        writer.writerow([escape_cell(value) if isinstance(value, str) else value for value in row.values()])
    return out.getvalue().encode(errors="replace")
