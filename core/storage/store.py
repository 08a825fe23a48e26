"""Where everything the playground keeps is written, and how it goes on when that cannot be."""

import logging
import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors.types import PlaygroundError
from core.storage.engine import (
    copy_recent_rows,
    describe_error,
    is_operational_error,
    memory_engine,
    read_connection,
    write_transaction,
)
from core.storage.leases import interrupt_orphans
from core.storage.migrations import OpenResult, open_database

T = TypeVar("T")
Operation = Callable[[Connection], T]
_STARTUP_LOCK_TIMEOUT = 1.5
_RETRY_LOCK_TIMEOUT = 0.1
_log = logging.getLogger(__name__)


def data_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where data are kept: PLAYGROUND_DATA_DIR, else our corner of the XDG data home."""
    if chosen := environ.get("PLAYGROUND_DATA_DIR"):
        return Path(chosen).expanduser()
    home = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "openai-sdk-playground"


class Store:
    """A database that never refuses: what it cannot write it keeps in memory, and writes later.

    `notice` is a sentence about something that is over, such as a damaged file set aside. Any thread may use
    a store.
    """

    def __init__(
        self, opener: Callable[[float], OpenResult], *, lock_timeout: float = 5.0, retry_interval: float = 2.0
    ) -> None:
        """Open what *opener* opens when told how many seconds to wait for a lock.

        A write waits *patience* seconds for one. After a fault, *retry_after* seconds pass between attempts.
        """
        self._opener = opener
        self._lock_timeout = lock_timeout
        self._retry_interval = retry_interval
        self._memory: Engine | None = None
        self._history_unreadable = False  # earlier history could not be read into the memory
        self._pending: dict[Hashable, Operation[object]] = {}
        self._lock = threading.RLock()
        opened = opener(min(lock_timeout, _STARTUP_LOCK_TIMEOUT))
        self.notice = opened.notice
        self._engine, self._problem = opened.engine, opened.problem
        self._last_attempt = time.monotonic()
        if opened.problem:
            self._failover()
        self.write(interrupt_orphans)

    @classmethod
    def open(cls, url: str | None = None, directory: Path | None = None) -> Self:
        """Open *url*, else DATABASE_URL, else a file in *directory* (default: `data_directory`).

        Never raises for what is wrong with the database: see `problem`. Runs that a dead process left running
        become interrupted.
        """
        url = url or (None if directory else os.environ.get("DATABASE_URL"))
        return cls(partial(open_database, url, directory or data_directory()))

    @property
    def problem(self) -> str | None:
        """Say in a sentence for a banner why history is not being saved; None while it is."""
        self._recover()
        return f"History is not saved: {self._problem}" if self._problem else None

    def read(self, work: Operation[T]) -> T:
        """Return what *work* finds."""
        self._recover()
        if self._engine and not self._memory:
            try:
                with read_connection(self._engine, self._lock_timeout) as connection:
                    return work(connection)
            except DBAPIError as exc:
                self._handle_fault(exc)
        return self._run_in_memory(work)

    def write(self, work: Operation[object], dedupe_key: Hashable = None) -> None:
        """Run *work* in a transaction; where that fails in memory, and again once writing works.

        While works wait, a later one with the same *replaces* takes the earlier one's place.
        """
        with self._lock:
            try:
                self.run_transaction(work, dedupe_key)
            except PlaygroundError:
                if not (self._memory and self._history_unreadable):
                    raise
                self._queue(work, dedupe_key)  # it is about something not in memory, but there later

    def run_transaction(self, work: Operation[T], dedupe_key: Hashable = None) -> T:
        """As `write`, for a *work* that returns something; where it raises, it is not repeated."""
        with self._lock:
            self._recover()
            if self._engine and not self._memory:
                try:
                    with write_transaction(self._engine, self._lock_timeout) as connection:
                        return work(connection)
                except DBAPIError as exc:
                    self._handle_fault(exc)
            done = self._run_in_memory(work)
            self._queue(work, dedupe_key)
            return done

    def close(self) -> None:
        """Give the connections back."""
        if self._engine:
            self._engine.dispose()
        if self._memory:
            self._memory.dispose()

    def _queue(self, work: Operation[object], replaces: Hashable) -> None:
        key = replaces or object()
        self._pending.pop(key, None)
        self._pending[key] = work

    def _run_in_memory(self, work: Operation[T]) -> T:
        with self._lock:
            engine = self._memory or self._engine  # another thread may just have recovered
            assert engine
            with write_transaction(engine, self._lock_timeout) as connection:
                return work(connection)

    def _handle_fault(self, exc: DBAPIError) -> None:
        """Go on in memory if *exc* is a fault of disk or server; a mistake of ours is raised."""
        if not is_operational_error(exc):
            raise exc
        with self._lock:
            self._problem = describe_error(exc)
            self._last_attempt = time.monotonic()
            _log.warning("History is not saved: %s", self._problem)
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
        """Open the database anew if it is time to try again, and write what waits."""
        if not self._memory or time.monotonic() - self._last_attempt < self._retry_interval:
            return
        with self._lock:
            if not self._memory:
                return
            self._last_attempt = time.monotonic()
            opened = self._opener(_RETRY_LOCK_TIMEOUT)
            self._problem = opened.problem
            if opened.engine and (opened.problem or not self._fail_back(opened.engine, opened.notice)):
                opened.engine.dispose()

    def _fail_back(self, engine: Engine, notice: str | None) -> bool:
        """Write to *engine* what is in memory alone and use it from now on, if it takes that."""
        assert self._memory
        try:
            if notice:  # a damaged file was set aside, and the new one is empty
                copy_recent_rows(self._memory, engine, _RETRY_LOCK_TIMEOUT)
            else:
                self._replay(engine)
        except DBAPIError as exc:
            self._problem = describe_error(exc)
            return False
        self.close()
        self._pending.clear()
        self._engine, self._memory, self.notice = engine, None, notice or self.notice
        return True

    def _replay(self, engine: Engine) -> None:
        for key, work in list(self._pending.items()):
            try:
                with write_transaction(engine, _RETRY_LOCK_TIMEOUT) as connection:
                    work(connection)
            except (PlaygroundError, IntegrityError) as exc:
                _log.warning("A change could not be repeated: %s", type(exc).__name__)
            del self._pending[key]
