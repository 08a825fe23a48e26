"""Notices that the file of an open database was deleted, replaced or damaged: SQLite reports no error."""

import os
from pathlib import Path

_EXPORT_HINT = "Conversations stay in memory: export those you need, then restart the app."
_DELETED = f"the database file was deleted or moved while the app was running. {_EXPORT_HINT}"
_REPLACED = "the database file was replaced while the app was running. The new file is used in a moment."
REPLACED_NOTICE = "The history file was replaced while the app was running. The new file is used from now on."
_DAMAGED = "the database file was damaged while the app was running. A new file is created in a moment."


class DatabaseFile:
    """A database file, to be compared with what is at its path later.

    The file is never opened: closing it would drop the locks that SQLite holds on it in this process, and
    another process could then delete the journal in use (https://sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self, path: Path) -> None:
        status = path.stat()
        self._path = path
        self._size = status.st_size
        self._identity = status.st_dev, status.st_ino

    def is_same(self, other: "DatabaseFile | None") -> bool:
        return other is not None and self._identity == other._identity

    def exists(self) -> bool:
        return os.path.exists(self._path)  # noqa: PTH110 - False for a folder that cannot be read, too

    def problem(self) -> str | None:
        """Return what happened to the file, as a sentence for users; None if it still is the same."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return _DELETED
        except OSError:
            return None  # SQLite reports it
        if self._identity != (status.st_dev, status.st_ino):
            return _REPLACED
        # The app never shrinks a database.
        if status.st_size < self._size:
            return _DAMAGED
        self._size = status.st_size
        return None
