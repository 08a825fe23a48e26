"""Read-only SQL on a CSV file, with limits on its time, its memory and its rows."""

import csv
import io
import re
import sqlite3
import time
from collections.abc import Sequence
from threading import Lock
from typing import Annotated, Any

from pydantic import Field

MAX_CSV_CHARACTERS = 5_000_000
MAX_COLUMNS = 100
_MAX_ROWS = 100_000
_MAX_RESULT_ROWS = 100
_MAX_SECONDS = 2.0
_PROGRESS_STEPS = 10_000  # instructions of SQLite between two checks of the time
_READ_ACTIONS = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE}
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


class CsvDatabase:
    """A CSV file as the table `data`, of which SQL can read but not write."""

    def __init__(self, text: str) -> None:
        """Read the file. Raises ValueError if it has no header or is too large."""
        if len(text) > MAX_CSV_CHARACTERS:
            raise ValueError(f"The file has more than {MAX_CSV_CHARACTERS:,} characters.")
        rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
        try:
            self.columns = _column_names(next(rows, []))
            values = [_fit_row(row, len(self.columns)) for row in rows if row]
        except csv.Error as error:
            raise ValueError(f"The file is not valid CSV: {error}.") from None
        if len(values) > _MAX_ROWS:
            raise ValueError(f"The file has more than {_MAX_ROWS:,} rows.")
        self.row_count = len(values)
        self._lock = Lock()
        self._deadline = 0.0
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        names = ", ".join(f'"{column}"' for column in self.columns)
        self._connection.execute(f"CREATE TABLE data ({names})")
        marks = ", ".join("?" * len(self.columns))
        self._connection.executemany(f"INSERT INTO data VALUES ({marks})", values)
        # The model writes the SQL, and the data may instruct it: no huge values, and no other files.
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)
        self._connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._connection.set_authorizer(_authorise)
        self._connection.set_progress_handler(self._is_late, _PROGRESS_STEPS)

    def query_csv(
        self, sql: Annotated[str, Field(description="One SELECT statement of SQLite", max_length=5_000)]
    ) -> dict[str, Any]:
        """Run a SELECT statement on the table `data`, which holds the uploaded CSV file."""
        with self._lock:
            self._deadline = time.monotonic() + _MAX_SECONDS
            try:
                cursor = self._connection.execute(sql)
                rows = cursor.fetchmany(_MAX_RESULT_ROWS + 1)
            except sqlite3.OperationalError as error:
                reason = f"took more than {_MAX_SECONDS:.0f} seconds" if self._is_late() else str(error)
                raise ValueError(f"The query failed: {reason}.") from None
            except (sqlite3.Error, sqlite3.Warning) as error:
                reason = "only SELECT is allowed" if "authorized" in str(error) else str(error)
                raise ValueError(f"The query failed: {reason}.") from None
        columns = [column[0] for column in cursor.description or ()]
        more = {"note": f"Only the first {_MAX_RESULT_ROWS} rows."} if len(rows) > _MAX_RESULT_ROWS else {}
        json_rows = [
            [f"{len(value)} bytes" if isinstance(value, bytes) else value for value in row]
            for row in rows[:_MAX_RESULT_ROWS]
        ]
        return {"columns": columns, "rows": json_rows, **more}

    def _is_late(self) -> bool:
        return time.monotonic() > self._deadline


def _authorise(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    is_function = action == sqlite3.SQLITE_FUNCTION
    allowed = second != "load_extension" if is_function else action in _READ_ACTIONS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _column_names(header: Sequence[str]) -> list[str]:
    """Return a name for each column, made unique, without characters that need escaping in SQL."""
    if not any(name.strip() for name in header):
        raise ValueError("The file has no header with the names of its columns.")
    if len(header) > MAX_COLUMNS:
        raise ValueError(f"The file has more than {MAX_COLUMNS} columns.")
    names: list[str] = []
    for number, text in enumerate(header, 1):
        name = re.sub(r"\W+", "_", text.strip())[:60].strip("_") or f"column_{number}"
        taken = {other.casefold() for other in names}
        names.append(name if name.casefold() not in taken else f"{name}_{number}")
    return names


def _fit_row(row: Sequence[str], length: int) -> list[str | float | int | None]:
    values: list[str | float | int | None] = []
    for text in row[:length]:
        if not _NUMBER.fullmatch(text):
            values.append(text or None)
        else:
            values.append(float(text) if "." in text else int(text))
    return values + [None] * (length - len(values))
