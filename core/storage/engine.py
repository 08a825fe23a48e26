"""Engines and transactions for SQLite and PostgreSQL, and descriptions of their errors for users."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, func, insert, make_url, select
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError

from core.storage.history_schema import history_entries, history_texts
from core.storage.schema import meta, metadata

_MAX_COPIED_ROWS = 5_000
# An arbitrary number: the lock of PostgreSQL that a transaction which writes has to its end.
_WRITE_LOCK = 6_736_524
# Until PostgreSQL ends the transaction of a process that it has lost.
_MAX_IDLE = "30s"
_CONNECT_TIMEOUT = "3"
_CORRUPTION_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_IN_MEMORY = "Changes stay in memory and are saved once the database is available again."
_LOCKED = f"another program has locked the database file. Close that program, then reload. {_IN_MEMORY}"
_CORRUPT = "the database file is damaged. Restart the app: the file is renamed and a new one created."
_DESCRIPTIONS = {
    sqlite3.SQLITE_FULL: f"the disk is full. Free space, then reload. {_IN_MEMORY}",
    sqlite3.SQLITE_READONLY: (
        f"the database file or its folder is read-only. Make it writable, then reload. {_IN_MEMORY}"
    ),
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_CANTOPEN: (
        f"the database file cannot be opened. Check its permissions, then reload. {_IN_MEMORY}"
    ),
    sqlite3.SQLITE_IOERR: f"the disk reports an I/O error. Check the disk, then reload. {_IN_MEMORY}",
    sqlite3.SQLITE_CORRUPT: _CORRUPT,
    sqlite3.SQLITE_NOTADB: _CORRUPT,
}
_UNREACHABLE = (
    f"the database does not respond. Check DATABASE_URL and that its server is running. {_IN_MEMORY}"
)


def describe_error(exc: BaseException) -> str:
    """Return why *exc* prevents saving, without the URL or values that its own text may contain."""
    if isinstance(exc, ImportError):
        return (
            "the database driver in DATABASE_URL is not installed. Expected: postgresql+psycopg://"
            "user:password@host/database."
        )
    if isinstance(exc, ArgumentError):
        return "DATABASE_URL is not valid. Expected: postgresql+psycopg://user:password@host/database."
    if isinstance(exc, OSError):
        return (
            f"the data directory cannot be written to ({exc.strerror}). Changes stay in memory. "
            "Make it writable, or set PLAYGROUND_DATA_DIR to another directory."
        )
    return _DESCRIPTIONS.get(_sqlite_code(exc) or 0, _UNREACHABLE)


def is_operational_error(exc: DBAPIError) -> bool:
    """Return True for a failure of disk or server, False for a bug in our code, which must not be hidden."""
    if (code := _sqlite_code(exc)) is not None:
        return code in _DESCRIPTIONS
    # The exact classes: DatabaseError's other subclasses (IntegrityError, ProgrammingError, ...) are bugs.
    return type(exc) in (OperationalError, DatabaseError) or exc.connection_invalidated


def is_corruption(exc: BaseException) -> bool:
    """Return True if SQLite reports that the file is not, or no longer, a database."""
    return _sqlite_code(exc) in _CORRUPTION_CODES


def is_write_error(exc: BaseException) -> bool:
    """Return True if the file or its folder cannot be written to."""
    return isinstance(exc, OSError) or _sqlite_code(exc) in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)


def _sqlite_code(exc: BaseException) -> int | None:
    """Return SQLite's primary result code; None if *exc* does not come from SQLite."""
    code = getattr(getattr(exc, "orig", None), "sqlite_errorcode", None)
    # The low byte of an extended result code is its primary code.
    return code & 0xFF if isinstance(code, int) else None


def sanitise_text(text: str) -> str:
    """Replace what databases reject: NUL, and lone surrogates, as a stream may end inside a character."""
    if "\x00" in text:
        text = text.replace("\x00", "\ufffd")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def engine_for_url(url: str, lock_timeout: float) -> Engine:
    """Create an engine for *url*; it does not connect yet.

    Raises SQLAlchemyError or ImportError.
    """
    if not url.startswith("sqlite"):
        server = make_url(url)
        if server.get_driver_name() == "psycopg":
            server = server.update_query_dict({"connect_timeout": _CONNECT_TIMEOUT, **server.query})
        return create_engine(server, pool_pre_ping=True)
    connect_args = {"timeout": lock_timeout, "check_same_thread": False}
    return _configure_sqlite(create_engine(url, pool_size=20, connect_args=connect_args))


def read_only_engine(path: Path, lock_timeout: float) -> Engine:
    """Create an engine that reads the file *path* in a folder that cannot be written to.

    SQLite needs to create journals there even to read, unless the file is declared immutable.
    """
    has_journal = os.path.exists(f"{path}-wal")  # noqa: PTH110 - False for a folder that cannot be read, too
    mode = "mode=ro" if has_journal else "immutable=1"
    return engine_for_url(f"sqlite:///{path.absolute().as_uri()}?{mode}&uri=true", lock_timeout)


def memory_engine() -> Engine:
    """Create an in-memory database: a single connection, for one thread at a time."""
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    with write_transaction(_configure_sqlite(engine), 0) as connection:
        metadata.create_all(connection)
    return engine


def _configure_sqlite(engine: Engine) -> Engine:
    """Let SQLAlchemy, not the driver, begin transactions, so that writes begin with BEGIN IMMEDIATE."""

    @event.listens_for(engine, "connect")
    def configure_connection(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        # With a write-ahead log, NORMAL loses no committed data when the process dies.
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        # A deferred transaction fails at once, whatever the timeout, when it has to upgrade its lock.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def read_connection(engine: Engine, lock_timeout: float) -> Iterator[Connection]:
    """Open a connection that waits up to *lock_timeout* seconds for locks."""
    with engine.connect() as connection:
        _set_busy_timeout(connection, lock_timeout)
        yield connection


@contextmanager
def write_transaction(engine: Engine, lock_timeout: float) -> Iterator[Connection]:
    """Like `read_connection`, but in a write transaction, which is rolled back if the block raises.

    All processes write one after the other, so that what a transaction has read stays true until its end.
    """
    with engine.connect().execution_options(writes=True) as connection:
        _set_busy_timeout(connection, lock_timeout)
        with connection.begin():
            if connection.dialect.name == "postgresql":
                _take_write_lock(connection, lock_timeout)
            yield connection


def _take_write_lock(connection: Connection, lock_timeout: float) -> None:
    """Do on PostgreSQL what BEGIN IMMEDIATE does on SQLite, with settings for this transaction only."""
    connection.execute(
        select(
            func.set_config("lock_timeout", f"{max(1, round(lock_timeout * 1000))}ms", True),
            func.set_config("idle_in_transaction_session_timeout", _MAX_IDLE, True),
            func.pg_advisory_xact_lock(_WRITE_LOCK),
        )
    )


def _set_busy_timeout(connection: Connection, seconds: float) -> None:
    # Only if it changes: while a job runs, each call of the driver waits some milliseconds for the GIL.
    if connection.info.get("busy_timeout") == seconds:
        return
    # On the driver's connection, because SQLAlchemy would begin a transaction for the PRAGMA.
    driver_connection = connection.connection.driver_connection
    if isinstance(driver_connection, sqlite3.Connection):
        driver_connection.execute(f"PRAGMA busy_timeout={seconds * 1000:.0f}")
        connection.info["busy_timeout"] = seconds


def execute_autocommit(engine: Engine, statement: str, *values: str) -> None:
    """Execute *statement* of SQLite outside a transaction, which VACUUM and journal_mode require."""
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(statement, values)


def vacuum(engine: Engine) -> None:
    """Give the space of deleted rows back to the disk. Raises DBAPIError."""
    if engine.dialect.name == "sqlite":
        execute_autocommit(engine, "VACUUM")
        execute_autocommit(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM")


def database_size(connection: Connection) -> int:
    """Return the size of the database in bytes, with the space of deleted rows."""
    if connection.dialect.name == "sqlite":
        pages, size = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() or 0 for name in ("page_count", "page_size")
        )
        return int(pages * size)
    return connection.scalar(select(func.pg_database_size(func.current_database()))) or 0


def copy_recent_rows(source: Engine, target: Engine, lock_timeout: float) -> None:
    """Copy the newest rows of every table but derived ones, so that conversations continue in *target*.

    Raises DBAPIError if *source* cannot be read.
    """
    with (
        read_connection(source, lock_timeout) as source_connection,
        write_transaction(target, lock_timeout) as target_connection,
    ):
        for table in set(metadata.sorted_tables) - {meta, history_entries, history_texts}:
            newest = select(table).order_by(table.c.seq.desc()).limit(_MAX_COPIED_ROWS)
            if rows := [dict(row) for row in source_connection.execute(newest).mappings()]:
                target_connection.execute(insert(table), rows)
