"""Access to the database, with a fallback to memory while it cannot be written to."""

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors.types import PlaygroundError
from core.paths import data_directory
from core.storage.bootstrap import OpenResult, open_database
from core.storage.database_file import REPLACED_NOTICE, DatabaseFile
from core.storage.engine import (
    copy_recent_rows,
    describe_error,
    is_operational_error,
    memory_engine,
    read_connection,
    vacuum,
    write_transaction,
)
from core.storage.leases import interrupt_orphans

T = TypeVar("T")
Operation = Callable[[Connection], T]
_STARTUP_LOCK_TIMEOUT = 1.5
_RETRY_LOCK_TIMEOUT = 0.1
_log = logging.getLogger(__name__)


class Store:
    """A database whose failures raise nothing: changes go to memory, and to the database once it recovers.

    `notice` reports, as a sentence, what was repaired, such as a damaged file. Thread-safe.
    """

    def __init__(
        self, opener: Callable[[float], OpenResult], *, lock_timeout: float = 5.0, retry_interval: float = 2.0
    ) -> None:
        """Open a database with *opener*, which takes the seconds to wait for a lock.

        Reads and writes wait up to *lock_timeout* seconds for a lock. After a fault, the database is opened
        again every *retry_interval* seconds at most.
        """
        self._opener = opener
        self._lock_timeout = lock_timeout
        self._retry_interval = retry_interval
        self._memory: Engine | None = None
        self._history_unreadable = False  # the memory database has no copy of the earlier history
        self._pending: dict[Hashable, Operation[object]] = {}
        self._lock = threading.RLock()
        result = opener(min(lock_timeout, _STARTUP_LOCK_TIMEOUT))
        self.notice = result.notice
        self._engine, self._problem = result.engine, result.problem
        self._file: DatabaseFile | None = result.file
        self._last_attempt = time.monotonic()
        if result.problem:
            self._failover()
        self.write(interrupt_orphans)

    @classmethod
    def open(cls, url: str | None = None, directory: Path | None = None) -> Self:
        """Open *url*, else DATABASE_URL, else a file in *directory* (default: `data_directory`).

        A database error is reported by `problem`, never raised. Running runs of dead processes are marked as
        interrupted.
        """
        url = url or (None if directory else os.environ.get("DATABASE_URL"))
        return cls(partial(open_database, url, directory or data_directory()))

    @property
    def problem(self) -> str | None:
        """Why history is not being saved, as a sentence for users; None while it is."""
        self._check_file()
        self._recover()
        return f"History is not saved: {self._problem}" if self._problem else None

    @property
    def is_shared(self) -> bool:
        """Whether processes on other machines may use the database, too."""
        return self._engine is not None and self._engine.dialect.name != "sqlite"

    def read(self, operation: Operation[T]) -> T:
        """Run *operation* outside a write transaction and return its result."""
        self._recover()
        if self._engine and not self._memory:
            try:
                with read_connection(self._engine, self._lock_timeout) as connection:
                    return operation(connection)
            except DBAPIError as exc:
                self._handle_fault(exc)
        return self._run_in_memory(operation)

    def write(self, operation: Operation[object], dedupe_key: Hashable = None) -> None:
        """Run *operation* in a transaction; if the database fails, in memory, and again when it recovers.

        A pending operation is replaced by a later one with the same *dedupe_key*.
        """
        with self._lock:
            try:
                self.run_transaction(operation, dedupe_key)
            except PlaygroundError:
                # Without a copy of the history, the row may exist in the database though not in memory.
                if not (self._memory and self._history_unreadable):
                    raise
                self._queue(operation, dedupe_key)

    def run_transaction(
        self, operation: Operation[T], dedupe_key: Hashable = None, *, excludes_others: bool = False
    ) -> T:
        """Like `write`, but return the result of *operation*; one that raises is not replayed.

        With *excludes_others*, it raises PlaygroundError while other processes could not see what it writes.
        """
        with self._lock:
            self._check_file()
            self._recover()
            if self._engine and not self._memory:
                try:
                    with write_transaction(self._engine, self._lock_timeout) as connection:
                        result = operation(connection)
                except DBAPIError as exc:
                    self._handle_fault(exc)
                else:
                    if self._file:
                        self._file.record()
                    return result
            if excludes_others and self.is_shared:
                raise PlaygroundError("The shared database is not available", self._problem or "")
            result = self._run_in_memory(operation)
            self._queue(operation, dedupe_key)
            return result

    def compact(self) -> None:
        """Give the space of deleted rows back to the disk. Other threads wait for it.

        Raises PlaygroundError if the database cannot be written to.
        """
        with self._lock:
            if self._engine is None or self._memory:
                raise PlaygroundError("The database cannot be compacted", self.problem or "")
            try:
                vacuum(self._engine)
            except DBAPIError as exc:
                raise PlaygroundError("The database cannot be compacted", describe_error(exc)) from exc
            if self._file:
                self._file.record()

    def close(self) -> None:
        """Close all connections."""
        if self._engine:
            self._engine.dispose()
        if self._memory:
            self._memory.dispose()

    def _queue(self, operation: Operation[object], dedupe_key: Hashable) -> None:
        key = dedupe_key or object()
        self._pending.pop(key, None)  # so that the new one is last: order matters in a replay
        self._pending[key] = operation

    def _run_in_memory(self, operation: Operation[T]) -> T:
        with self._lock:
            engine = self._memory or self._engine  # another thread may just have recovered the database
            assert engine
            with write_transaction(engine, self._lock_timeout) as connection:
                return operation(connection)

    def _handle_fault(self, exc: DBAPIError) -> None:
        """Fail over to memory if *exc* is a failure of disk or server; raise it if it is a bug."""
        if not is_operational_error(exc):
            raise exc
        self._report(describe_error(exc))

    def _check_file(self) -> None:
        """Fail over to memory if the file was deleted, replaced or damaged."""
        with self._lock:  # two threads would compare each other's sizes
            if self._file and not self._memory and (problem := self._file.problem()):
                self._report(problem)

    def _report(self, problem: str) -> None:
        """Fail over to memory because of *problem*."""
        with self._lock:
            self._problem = problem
            self._last_attempt = time.monotonic()
            _log.warning("History is not saved: %s", problem)
            self._failover()

    def _failover(self) -> None:
        if self._memory:
            return
        self._memory, self._history_unreadable = memory_engine(), False
        if self._engine:
            try:
                copy_recent_rows(self._engine, self._memory, _RETRY_LOCK_TIMEOUT)
            except DBAPIError as exc:
                self._history_unreadable = True
                _log.warning("Earlier history cannot be read: %s", describe_error(exc))

    def _recover(self) -> None:
        """Open the database again if a retry is due, and fail back to it."""
        if not self._memory or time.monotonic() - self._last_attempt < self._retry_interval:
            return
        with self._lock:
            if not self._memory:  # another thread was faster
                return
            self._last_attempt = time.monotonic()
            if not self._is_file_usable():
                return
            result = self._opener(_RETRY_LOCK_TIMEOUT)
            self._problem = result.problem
            if result.engine and (result.problem or not self._fail_back(result.engine, result.notice)):
                result.engine.dispose()
            elif result.engine:
                if self._file and not self._file.is_same(result.file):
                    self.notice = self.notice or REPLACED_NOTICE
                self._file = result.file
                if self._file:
                    self._file.record()

    def _is_file_usable(self) -> bool:
        if not self._file:
            return True
        if not self._file.exists():
            return False  # whoever deleted it may not want it back: only a restart creates a new one
        try:
            return self._file.detach()
        except OSError as exc:
            self._problem = describe_error(exc)
            return False

    def _fail_back(self, engine: Engine, notice: str | None) -> bool:
        """Replay the pending operations on *engine* and use it from now on; return False if it fails."""
        assert self._memory
        try:
            if notice:  # the damaged file was replaced with an empty one
                copy_recent_rows(self._memory, engine, _RETRY_LOCK_TIMEOUT)
                self._pending.clear()
            for key, operation in list(self._pending.items()):
                try:
                    with write_transaction(engine, _RETRY_LOCK_TIMEOUT) as connection:
                        operation(connection)
                except (PlaygroundError, IntegrityError) as exc:  # deleted, or committed before the fault
                    _log.warning("A change could not be replayed: %s", type(exc).__name__)
                del self._pending[key]  # at once, as a later operation may fail
        except DBAPIError as exc:
            self._problem = describe_error(exc)
            return False
        self.close()
        self._engine, self._memory, self.notice = engine, None, notice or self.notice
        return True
