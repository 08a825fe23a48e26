"""Notices that the file of an open database was deleted, replaced or damaged: SQLite reports no error."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

_EXPORT_HINT = "Conversations stay in memory: export those you need, then restart the app."
_DELETED = f"the database file was deleted or moved while the app was running. {_EXPORT_HINT}"
_REPLACED = "the database file was replaced while the app was running. The new file is used in a moment."
REPLACED_NOTICE = "The history file was replaced while the app was running. The new file is used from now on."
_DAMAGED = "the database file was damaged while the app was running. A new file is created in a moment."


class DatabaseFile:
    """A database file, to be compared with what is at its path later.

    Only SQLite opens the file: closing it otherwise would drop the locks that SQLite holds on it in this
    process, and another process could then delete the journal in use
    (https://sqlite.org/howtocorrupt.html, section 2.2).
    """

    def __init__(self, path: Path) -> None:
        status = path.stat()
        self._path = path
        self._identity = status.st_dev, status.st_ino
        self._opened = _last_opening(path)
        self._overwritten: tuple[int, int] | None = None  # size and modification time
        self._update(status)

    def record(self) -> None:
        """Accept the file as it is now, after the app has written to the database."""
        if status := _stat(self._path):
            self._update(status)

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
        if self._is_overwritten(status):
            self._overwritten = self._overwritten or (-1, 0)
            return _REPLACED
        self._update(status)
        return None

    def detach(self) -> bool:
        """Separate an overwritten file from the journal and the open connections of the one before.

        Only a file of another inode has none of them. Returns False as long as the file is still being
        written, which is when it has changed since the last call.

        Raises OSError.
        """
        if self._overwritten is None:
            return True
        status = self._path.stat()
        seen, self._overwritten = self._overwritten, (status.st_size, status.st_mtime_ns)
        if seen != self._overwritten:
            return False
        copy = self._path.with_name(f"{self._path.name}.copy")
        copy.touch(mode=0o600)
        shutil.copyfile(self._path, copy)
        for suffix in ("-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        copy.replace(self._path)
        return True

    def _is_overwritten(self, status: os.stat_result) -> bool:
        """Return True if the file has other content, though no process has written to the database.

        Whoever writes to the database changes its journal first. The content is compared too, because a
        program may also have moved the journal's content into the file.
        """
        if status.st_mtime_ns == self._modified or self._journal is None:
            return False
        if self._journal != self._journal_state() or _last_opening(self._path) >= self._opened:
            return False
        # While another process moves its journal into the file, a part of the file may be unreadable.
        latest = _stat(self._path)
        return latest is not None and latest.st_mtime_ns == status.st_mtime_ns

    def _update(self, status: os.stat_result) -> None:
        self._size, self._modified = status.st_size, status.st_mtime_ns
        self._journal = self._journal_state()

    def _journal_state(self) -> tuple[int, int] | None:
        status = _stat(self._path.with_name(f"{self._path.name}-wal"))
        return status and (status.st_size, status.st_mtime_ns)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _last_opening(path: Path) -> str:
    """Return when the app last opened the database, from the file without its journal; "" if unreadable."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'opened'").fetchone()
    except sqlite3.DatabaseError:
        return ""
    return str(row[0]) if row else ""
