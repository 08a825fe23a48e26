"""Texts from a column of a CSV file."""

from collections.abc import Sequence

from core.embeddings.inputs import InputText, InputWarning, apply_limit
from core.errors.types import PlaygroundError
from core.files.csv_table import csv_rows
from core.files.text import decode_text


def column_names(data: bytes) -> list[str]:
    """Return the first row. Raises PlaygroundError if the data is not a CSV file with a header."""
    if not data.strip():
        raise PlaygroundError("The file is empty", "Choose another file.")
    header = next(csv_rows(decode_text(data)[0]), (1, []))[1]
    if not any(cell.strip() for cell in header):
        raise PlaygroundError("The file has no header row", "Put column names in its first line.")
    return [cell.strip() or f"column {number}" for number, cell in enumerate(header, 1)]


def from_csv(
    data: bytes, column: int, group: int | None = None
) -> tuple[list[InputText], list[InputWarning]]:
    """Read the texts of the column at index *column* and their groups from the one at index *group*.

    Indices, as two columns may have the same name. Line numbers include the header.
    """
    inputs: list[InputText] = []
    warnings: list[InputWarning] = []
    for line, row in list(csv_rows(decode_text(data)[0]))[1:]:
        text = _cell(row, column)
        if text:
            inputs.append(InputText(line, text, _cell(row, group)))
        else:
            warnings.append(InputWarning(line, "empty", "Empty, skipped."))
    return apply_limit(inputs, warnings)


def _cell(row: Sequence[str], index: int | None) -> str:
    return row[index].strip() if index is not None and index < len(row) else ""
