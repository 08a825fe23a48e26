"""Read documents from pasted text and from files: one per file, per CSV row, or per JSON line."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

from core.errors.types import PlaygroundError
from core.files.csv_table import csv_rows
from core.files.text import read_text

EXTENSIONS = ("txt", "md", "pdf", "csv", "jsonl")
MAX_DOCUMENTS = 5_000  # all are in memory when a job is created
_SEPARATOR = "\n---\n"
_MAX_NAME = 40  # characters
_EXPECTED_NAME = "expected"
_TEXT_NAMES = ("text", "content", "body", "document", "본문", "내용", "텍스트")


@dataclass(frozen=True, slots=True)
class TextDocument:
    """A text to extract from, the name that identifies it to the user, and its expected values, if known."""

    name: str
    text: str
    expected: Mapping[str, Any] | None = None


def pasted_documents(text: str) -> list[TextDocument]:
    """Return the documents in *text*, which lines of three hyphens separate, with names of their own."""
    return _limited(_from_pasted(text))


def _from_pasted(text: str) -> Iterator[TextDocument]:
    repetitions: Counter[str] = Counter()
    names: set[str] = set()
    for part in normalize("NFC", f"\n{text}\n").replace("\r\n", "\n").split(_SEPARATOR):
        if not part.strip():
            continue
        name = first_words = document_name(part)
        while name in names:
            repetitions[first_words] += 1
            name = f"{first_words} ({repetitions[first_words] + 1})"
        names.add(name)
        yield TextDocument(name, part.strip())


def document_name(text: str) -> str:
    """Name a text that has no name by its first words."""
    start = " ".join(text.strip()[: 4 * _MAX_NAME].split())
    if len(start) <= _MAX_NAME:
        return start
    words = start[: _MAX_NAME + 1].rpartition(" ")[0] or start[:_MAX_NAME]
    return f"{words}…"


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """The columns of a CSV file, and the index of the one that most likely has the texts."""

    names: tuple[str, ...]
    text: int


def csv_columns(name: str, data: bytes) -> CsvColumns:
    """Return the columns of a CSV file. Raises PlaygroundError if it is not readable."""
    names, rows = _csv_table(read_text(name, data)[0])
    return CsvColumns(tuple(names), _text_column(names, rows))


def read_documents(name: str, data: bytes, column: int | None = None) -> list[TextDocument]:
    """Return the documents of a file, of a CSV file those in *column*, or in the one that likely has texts.

    Texts are composed (NFC); those of macOS can consist of the parts of the Hangul syllables.
    Raises PlaygroundError if it is not readable, or has none.
    """
    text, _encoding = read_text(name, data)
    extension = name.rpartition(".")[2].lower()
    if extension == "csv":
        documents = _limited(_from_csv(name, text, column))
    elif extension == "jsonl":
        documents = _limited(_from_json_lines(name, text))
    else:
        # A file can consist of nothing but a byte order mark.
        documents = [TextDocument(name, text)] if text.strip() else []
    if not documents:
        raise PlaygroundError("The file has no documents.", "Choose a file with text.")
    # Not the whole file: normalisation turns a Greek question mark into a semicolon, which separates columns.
    return [replace(document, text=normalize("NFC", document.text)) for document in documents]


def _limited(documents: Iterator[TextDocument]) -> list[TextDocument]:
    result: list[TextDocument] = []
    for document in documents:
        if len(result) == MAX_DOCUMENTS:
            raise PlaygroundError(
                f"There are more than {MAX_DOCUMENTS:,} documents.", "Split them into several jobs."
            )
        result.append(document)
    return result


def _csv_table(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and the rows."""
    names, *rows = [row for _line, row in csv_rows(text) if row] or [[]]
    return names, rows


def _text_column(names: list[str], rows: list[list[str]]) -> int:
    """Return the index of the column that is called text, or of that with the longest texts."""
    lowered = [name.strip().lower() for name in names]
    if named := [lowered.index(name) for name in _TEXT_NAMES if name in lowered]:
        return named[0]
    # Not the first column: exports of other programs begin with a number or a date.
    sizes = [sum(len(row[index]) for row in rows if index < len(row)) for index in range(len(names))]
    # The expected values of a text are often longer than it is.
    return max(
        range(len(sizes)), key=lambda index: (lowered[index] != _EXPECTED_NAME, sizes[index]), default=0
    )


def _from_csv(name: str, text: str, column: int | None) -> Iterator[TextDocument]:
    """Yield a document for each row that has a text in *column*."""
    names, rows = _csv_table(text)
    column = _text_column(names, rows) if column is None else column
    lowered = [column_name.strip().lower() for column_name in names]
    truth = lowered.index(_EXPECTED_NAME) if _EXPECTED_NAME in lowered else len(names)
    for number, row in enumerate(rows, 2):
        if column < len(row) and row[column].strip():
            expected = _parse_expected(row[truth], f"Row {number}") if truth < len(row) else None
            yield TextDocument(f"{name} row {number}", row[column].strip(), expected)


def _parse_expected(value: Any, place: str) -> Mapping[str, Any] | None:
    """Return the expected values, which can be a JSON object in a text; an empty text is none."""
    if isinstance(value, str):
        with suppress(ValueError, RecursionError):
            value = json.loads(value) if value.strip() else None
    if value is not None and not isinstance(value, dict):
        message = f"{place}: {_EXPECTED_NAME} is not a JSON object."
        raise PlaygroundError(message, 'Example: {"title": "Ferry opens"}')
    return value


def _from_json_lines(name: str, text: str) -> Iterator[TextDocument]:
    """Yield a document for each line: a JSON string, or the text of a JSON object."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise PlaygroundError(
                f"Line {number} is not valid JSON.", "Each line must be one JSON value."
            ) from None
        expected = None
        if isinstance(value, dict):
            expected = _parse_expected(value.pop(_EXPECTED_NAME, None), f"Line {number}")
            value = next((value[key] for key in _TEXT_NAMES if key in value), value)
        document = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if document.strip():
            yield TextDocument(f"{name} line {number}", document, expected)
