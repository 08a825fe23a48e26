"""Open the database at start-up: check it, quarantine a damaged one, migrate an older one."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, make_url, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.errors.types import PlaygroundError
from core.storage.database_file import DatabaseFile
from core.storage.engine import (
    describe_error,
    engine_for_url,
    execute_autocommit,
    is_corruption,
    is_write_error,
    read_connection,
    read_only_engine,
    write_transaction,
)
from core.storage.migrations import (
    MIGRATIONS,
    VERSION_FOR_EARLIER_APPS,
    Migrations,
    migrate,
    schema_version,
)
from core.storage.schema import meta

try:
    import fcntl
except ImportError:  # Windows: two apps that start at the same moment are not synchronised
    fcntl = None  # type: ignore[assignment]

_FILE_NAME = "history.db"
_MAX_CHECKED_BYTES = 32 * 2**20  # checking a larger file would delay every start noticeably
_NEWER_SCHEMA = "the database was written by a newer version of this app. Update the app to open it."
_QUARANTINE_NOTICE = "The history file was damaged. It was renamed to {name}, and a new one was created."


class NewerSchema(PlaygroundError):
    """A newer version of the app wrote the database, so that writing to it could lose data."""


@dataclass(frozen=True, slots=True)
class OpenResult:
    """A database, or why it cannot be written to.

    With a *problem*, *engine* may still be readable. *notice* reports what was repaired. *file* is that of a
    local database.
    """

    engine: Engine | None
    problem: str | None = None
    notice: str | None = None
    file: DatabaseFile | None = None


def open_database(
    url: str | None, directory: Path, lock_timeout: float = 1.5, migrations: Migrations = MIGRATIONS
) -> OpenResult:
    """Open *url*, else the file in *directory*, waiting up to *lock_timeout* seconds for each lock.

    A database error is reported in the result, never raised.
    """
    engine = path = None
    try:
        if url:
            path = _sqlite_path(url)
        else:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = directory / _FILE_NAME
        engine = engine_for_url(url or f"sqlite:///{path}", lock_timeout)
        if path is None:
            _migrate(engine, None, lock_timeout, migrations)
            return OpenResult(engine)
        with _startup_lock(path):
            notice = None
            if _is_corrupt(engine, path, lock_timeout):
                engine.dispose()
                notice = _QUARANTINE_NOTICE.format(name=_quarantine(path).name)
            # SQLite would create the file with the umask's permissions, readable by others.
            path.touch(mode=0o600)
            _migrate(engine, path, lock_timeout, migrations)
            return OpenResult(engine, notice=notice, file=DatabaseFile(path))
    except NewerSchema as exc:
        if engine:
            engine.dispose()
        return OpenResult(None, str(exc))
    except (SQLAlchemyError, OSError, ImportError) as exc:
        if path and is_write_error(exc):
            engine = read_only_engine(path, lock_timeout)
        return OpenResult(engine, describe_error(exc))


def _sqlite_path(url: str) -> Path | None:
    """Return the path in *url*; None for a server, an in-memory database or a `file:` URI."""
    parsed = make_url(url)
    name = parsed.database or ""
    is_path = parsed.get_backend_name() == "sqlite" and name and not name.startswith((":", "file:"))
    return Path(name) if is_path else None


@contextmanager
def _startup_lock(path: Path) -> Iterator[None]:
    """Let one process at a time create, check or migrate *path*."""
    lock_path = path.with_name(f"{path.name}.opening")
    lock_path.touch(mode=0o600)
    with lock_path.open("a") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_corrupt(engine: Engine, path: Path, lock_timeout: float) -> bool:
    """Return True if *path* exists but is not an intact database; an empty file is not one."""
    if not path.exists():
        return False
    if not path.stat().st_size:
        return True
    try:
        with read_connection(engine, lock_timeout) as connection:
            # Any query reads the header, so this also finds a large file that is no database.
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            if path.stat().st_size > _MAX_CHECKED_BYTES:
                return False
            return connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok"
    except DBAPIError as exc:
        if is_corruption(exc):
            return True
        raise


def _quarantine(path: Path) -> Path:
    """Rename a damaged database and its journals, and return the new path; nothing is deleted."""
    timestamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    quarantine = path.with_name(f"{path.name}.corrupt-{timestamp}")
    for suffix in ("", "-wal", "-shm"):
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(quarantine.with_name(quarantine.name + suffix))
    return quarantine


def _migrate(engine: Engine, path: Path | None, lock_timeout: float, migrations: Migrations) -> None:
    """Back up and migrate the database, and write to it so that a failure shows now, not later."""
    with read_connection(engine, lock_timeout) as connection:
        version = schema_version(connection)
    if version is not None and not migrations.is_known(version):
        raise NewerSchema(_NEWER_SCHEMA)
    if path and version != migrations.head:
        if version:
            # The temporary file is readable by its owner only; VACUUM INTO keeps its permissions.
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as backup:
                execute_autocommit(engine, "VACUUM INTO ?", backup.name)
            Path(backup.name).replace(path.with_name(f"{path.name}.backup-v{version}"))
        execute_autocommit(engine, "PRAGMA journal_mode=WAL")
    with write_transaction(engine, lock_timeout) as connection:
        # Read again under the lock: another process may have migrated the database meanwhile.
        if schema_version(connection) != migrations.head:
            migrate(connection, migrations)
            _set_meta(connection, "version", VERSION_FOR_EARLIER_APPS)
        _set_meta(connection, "opened", datetime.now(UTC).isoformat())
    if path:
        # So that the time is in the file itself, which `DatabaseFile` compares.
        execute_autocommit(engine, "PRAGMA wal_checkpoint(PASSIVE)")


def _set_meta(connection: Connection, key: str, value: str) -> None:
    result = connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if not result.rowcount:
        connection.execute(insert(meta).values(key=key, value=value))
