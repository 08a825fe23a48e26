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
from core.storage.engine import copy_newest, is_fault, memory_engine, reading, reason, writing
from core.storage.leases import interrupt_orphans
from core.storage.migrations import Opened, open_database

T = TypeVar("T")
Work = Callable[[Connection], T]
_PATIENCE_AT_START = 1.5
_PATIENCE_ON_RETRY = 0.1
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
        self, opener: Callable[[float], Opened], *, patience: float = 5.0, retry_after: float = 2.0
    ) -> None:
        """Open what *opener* opens when told how many seconds to wait for a lock.

        A write waits *patience* seconds for one. After a fault, *retry_after* seconds pass between attempts.
        """
        self._opener = opener
        self._patience = patience
        self._retry_after = retry_after
        self._memory: Engine | None = None
        self._blind = False  # earlier history could not be read into the memory
        self._waiting: dict[Hashable, Work[object]] = {}
        self._lock = threading.RLock()
        opened = opener(min(patience, _PATIENCE_AT_START))
        self.notice = opened.notice
        self._engine, self._problem = opened.engine, opened.problem
        self._tried = time.monotonic()
        if opened.problem:
            self._go_on_in_memory()
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

    def read(self, work: Work[T]) -> T:
        """Return what *work* finds."""
        self._recover()
        if self._engine and not self._memory:
            try:
                with reading(self._engine, self._patience) as connection:
                    return work(connection)
            except DBAPIError as exc:
                self._take_over(exc)
        return self._in_memory(work)

    def write(self, work: Work[object], replaces: Hashable = None) -> None:
        """Run *work* in a transaction; where that fails in memory, and again once writing works.

        While works wait, a later one with the same *replaces* takes the earlier one's place.
        """
        with self._lock:
            try:
                self.change(work, replaces)
            except PlaygroundError:
                if not (self._memory and self._blind):
                    raise
                self._queue(work, replaces)  # it is about something not in memory, but there later

    def change(self, work: Work[T], replaces: Hashable = None) -> T:
        """As `write`, for a *work* that returns something; where it raises, it is not repeated."""
        with self._lock:
            self._recover()
            if self._engine and not self._memory:
                try:
                    with writing(self._engine, self._patience) as connection:
                        return work(connection)
                except DBAPIError as exc:
                    self._take_over(exc)
            done = self._in_memory(work)
            self._queue(work, replaces)
            return done

    def close(self) -> None:
        """Give the connections back."""
        if self._engine:
            self._engine.dispose()
        if self._memory:
            self._memory.dispose()

    def _queue(self, work: Work[object], replaces: Hashable) -> None:
        key = replaces or object()
        self._waiting.pop(key, None)
        self._waiting[key] = work

    def _in_memory(self, work: Work[T]) -> T:
        with self._lock:
            engine = self._memory or self._engine  # another thread may just have recovered
            assert engine
            with writing(engine, self._patience) as connection:
                return work(connection)

    def _take_over(self, exc: DBAPIError) -> None:
        """Go on in memory if *exc* is a fault of disk or server; a mistake of ours is raised."""
        if not is_fault(exc):
            raise exc
        with self._lock:
            self._problem = reason(exc)
            self._tried = time.monotonic()
            _log.warning("History is not saved: %s", self._problem)
            self._go_on_in_memory()

    def _go_on_in_memory(self) -> None:
        if self._memory:
            return
        self._memory, self._blind = memory_engine(), False
        if self._engine:
            try:
                copy_newest(self._engine, self._memory, _PATIENCE_ON_RETRY)
            except DBAPIError as exc:
                self._blind = True
                _log.warning("Earlier history cannot be read: %s", reason(exc))

    def _recover(self) -> None:
        """Open the database anew if it is time to try again, and write what waits."""
        if not self._memory or time.monotonic() - self._tried < self._retry_after:
            return
        with self._lock:
            if not self._memory:
                return
            self._tried = time.monotonic()
            opened = self._opener(_PATIENCE_ON_RETRY)
            self._problem = opened.problem
            if opened.engine and (opened.problem or not self._come_back(opened.engine, opened.notice)):
                opened.engine.dispose()

    def _come_back(self, engine: Engine, notice: str | None) -> bool:
        """Write to *engine* what is in memory alone and use it from now on, if it takes that."""
        assert self._memory
        try:
            if notice:  # a damaged file was set aside, and the new one is empty
                copy_newest(self._memory, engine, _PATIENCE_ON_RETRY)
            else:
                self._repeat(engine)
        except DBAPIError as exc:
            self._problem = reason(exc)
            return False
        self.close()
        self._waiting.clear()
        self._engine, self._memory, self.notice = engine, None, notice or self.notice
        return True

    def _repeat(self, engine: Engine) -> None:
        for key, work in list(self._waiting.items()):
            try:
                with writing(engine, _PATIENCE_ON_RETRY) as connection:
                    work(connection)
            except (PlaygroundError, IntegrityError) as exc:
                _log.warning("A change could not be repeated: %s", type(exc).__name__)
            del self._waiting[key]
