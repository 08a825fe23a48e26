"""What the sandbox keeps on disk: an SQLite database, and a folder with the contents of files."""

import shutil
import sqlite3
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, owner TEXT, body TEXT, expires_at REAL);
CREATE TABLE IF NOT EXISTS batches (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, owner TEXT, body TEXT, plan TEXT,
    active INTEGER);
CREATE TABLE IF NOT EXISTS results (
    batch_id TEXT, line INTEGER, succeeded INTEGER, text TEXT, PRIMARY KEY (batch_id, line)) WITHOUT ROWID;
"""


class SandboxDatabase:
    """One connection for all threads. Another process cannot open the same directory.

    Without a *directory*, or if another process uses it, everything is in a temporary one.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._remove_temporary: weakref.finalize[[str, bool], SandboxDatabase] | None = None
        self._connection: sqlite3.Connection | None = None
        if directory is not None:
            with suppress(OSError, sqlite3.Error):
                self._open(directory)
        if self._connection is None:
            temporary = tempfile.mkdtemp(prefix="sandbox-files-")
            # Also at the exit, and without TemporaryDirectory's warning, if the sandbox is never stopped.
            self._remove_temporary = weakref.finalize(self, shutil.rmtree, temporary, True)
            self._open(Path(temporary))

    def _open(self, directory: Path) -> None:
        self.contents = directory / "contents"
        self.contents.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            directory / "sandbox.sqlite3", timeout=0.2, isolation_level=None, check_same_thread=False
        )
        try:
            # Exclusive until the process ends, also by a kill: two processes would execute each line twice.
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")
        except sqlite3.Error:
            connection.close()
            raise
        self._connection = connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            if self._connection is None:
                raise RuntimeError("The sandbox is stopped.")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall() if self._connection else []

    def clear(self) -> None:
        with self.transaction() as connection:
            for table in ("files", "batches", "results"):
                connection.execute(f"DELETE FROM {table}")
        for path in self.contents.iterdir():
            path.unlink(missing_ok=True)

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            if self._remove_temporary is not None:
                self._remove_temporary()
