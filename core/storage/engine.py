"""Reach a database by SQLite's or PostgreSQL's own rules, and say in words what is wrong with it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, insert, select
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from core.storage.schema import meta, metadata

_MAX_COPIED_ROWS = 5_000
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_LATER = "It is kept in memory and written as soon as that works again."
_LOCKED = f"another program has locked its file. Close that program, then reload. {_LATER}"
_BROKEN = "its file is damaged. Restart: the file is set aside and a new one begun."
_REASONS = {
    sqlite3.SQLITE_FULL: f"the disk is full. Free space, then reload. {_LATER}",
    sqlite3.SQLITE_READONLY: f"its file is read-only. Make it writable, then reload. {_LATER}",
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: f"its file cannot be opened. Check its permissions, then reload. {_LATER}",
    sqlite3.SQLITE_IOERR: f"the disk reports an error. Check the disk, then reload. {_LATER}",
    sqlite3.SQLITE_CORRUPT: _BROKEN,
    sqlite3.SQLITE_NOTADB: _BROKEN,
}
_UNREACHABLE = f"the database does not answer. Check DATABASE_URL and that its server runs. {_LATER}"


def describe_error(exc: BaseException) -> str:
    """Say why *exc* keeps history from being saved, without the URL or values that its text may hold."""
    if isinstance(exc, ImportError):
        return "the driver that DATABASE_URL asks for is not installed. For PostgreSQL: pip install psycopg."
    if isinstance(exc, ArgumentError):
        return "DATABASE_URL cannot be read. It looks like postgresql+psycopg://user:password@host/database."
    if isinstance(exc, OSError):
        return f"the data directory cannot be used ({exc.strerror}). Set PLAYGROUND_DATA_DIR to one that can."
    return _REASONS.get(_sqlite_code(exc) or 0, _UNREACHABLE)


def is_operational_error(exc: DBAPIError) -> bool:
    """Tell a fault of disk or server from a mistake of ours, which must not be hidden."""
    if (code := _sqlite_code(exc)) is not None:
        return code in _REASONS
    return type(exc) in (OperationalError, DatabaseError) or exc.connection_invalidated


def is_corruption(exc: BaseException) -> bool:
    """Tell whether SQLite found that the file is not, or no longer, a database."""
    return _sqlite_code(exc) in _DAMAGED


def _sqlite_code(exc: BaseException) -> int | None:
    """Return SQLite's primary result code, if SQLite raised *exc*."""
    code = getattr(getattr(exc, "orig", None), "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def sanitise_text(text: str) -> str:
    """Mend what no database takes: halves of a character, as a stream may be cut in two, and NUL."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def engine_for_url(url: str, lock_timeout: float) -> Engine:
    """Make an engine for *url* that connects within *patience* seconds; nothing is opened yet.

    Raises SQLAlchemyError or ImportError.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    settings = {"timeout": lock_timeout, "check_same_thread": False}
    return _configure_sqlite(create_engine(url, pool_size=20, connect_args=settings))


def memory_engine() -> Engine:
    """Make a database in memory: one connection, to be used by one thread at a time."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with write_transaction(_configure_sqlite(engine), 0) as connection:
        metadata.create_all(connection)
    return engine


def _configure_sqlite(engine: Engine) -> Engine:
    """Begin writes with BEGIN IMMEDIATE: a deferred one fails at once when it has to upgrade its lock."""

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def read_connection(engine: Engine, lock_timeout: float) -> Iterator[Connection]:
    """Open a connection that waits *patience* seconds for locks."""
    with engine.connect() as connection:
        _set_busy_timeout(connection, lock_timeout)
        yield connection


@contextmanager
def write_transaction(engine: Engine, lock_timeout: float) -> Iterator[Connection]:
    """Open a transaction that waits *patience* seconds for locks, and commits at the end or rolls back."""
    with engine.connect().execution_options(writes=True) as connection:
        _set_busy_timeout(connection, lock_timeout)
        with connection.begin():
            yield connection


def _set_busy_timeout(connection: Connection, seconds: float) -> None:
    """Set SQLite's patience by the driver: through SQLAlchemy a transaction would begin."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.execute(f"PRAGMA busy_timeout={seconds * 1000:.0f}")


def copy_recent_rows(source: Engine, target: Engine, lock_timeout: float) -> None:
    """Copy the newest rows of every table, so that a chat goes on where *source* takes no more.

    Raises DBAPIError if *source* cannot be read either.
    """
    with read_connection(source, lock_timeout) as old, write_transaction(target, lock_timeout) as new:
        for table in set(metadata.sorted_tables) - {meta}:
            newest = select(table).order_by(table.c.seq.desc()).limit(_MAX_COPIED_ROWS)
            if rows := [dict(row) for row in old.execute(newest).mappings()]:
                new.execute(insert(table), rows)
