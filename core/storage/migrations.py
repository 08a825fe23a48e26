"""Open the database at start: check it, set a damaged one aside, bring an old one up to date."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, make_url, select, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.errors.types import PlaygroundError
from core.storage.engine import (
    describe_error,
    engine_for_url,
    is_corruption,
    read_connection,
    write_transaction,
)
from core.storage.schema import MIGRATIONS, Migration, meta

try:
    import fcntl
except ImportError:  # on Windows two apps that start in the same instant are not kept apart
    fcntl = None  # type: ignore[assignment]

_FILE_NAME = "history.db"
_MAX_CHECKED_BYTES = 32 * 2**20  # reading a bigger file through would be felt at every start
_NEWER = "a newer version of this app wrote the database. Update the app to see what is in it."
_ASIDE = "The history file was damaged. It is kept as {name}; a new one was begun."


class _DatabaseCorrupt(Exception):
    """The file is not, or no longer, a database."""


class NewerSchema(PlaygroundError):
    """A later version wrote the database; writing to it could lose what this one does not know."""


@dataclass(frozen=True, slots=True)
class OpenResult:
    """A database if there is one to write to, why it cannot be written now, and what was done about it."""

    engine: Engine | None
    problem: str | None = None
    notice: str | None = None


def open_database(
    url: str | None, directory: Path, lock_timeout: float = 1.5, migrations: Sequence[Migration] = MIGRATIONS
) -> OpenResult:
    """Open *url*, else the file in *directory*, waiting *patience* seconds for each lock.

    Never raises for what is wrong with the database.
    """
    engine = None
    try:
        path = _path_of(url) if url else _private(directory) / _FILE_NAME
        engine = engine_for_url(url or f"sqlite:///{path}", lock_timeout)
        if path is None:
            _prepare(engine, None, lock_timeout, migrations)
            return OpenResult(engine)
        with _startup_lock(path):
            return OpenResult(engine, notice=_open_file(engine, path, lock_timeout, migrations))
    except NewerSchema as exc:
        if engine:
            engine.dispose()
        return OpenResult(None, str(exc))
    except (SQLAlchemyError, OSError, ImportError) as exc:
        return OpenResult(engine, describe_error(exc))


def _path_of(url: str) -> Path | None:
    """Return the file that *url* names, if it names a plain one."""
    parsed = make_url(url)
    name = parsed.database or ""
    plain = parsed.get_backend_name() == "sqlite" and name and not name.startswith((":", "file:"))
    return Path(name) if plain else None


def _private(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


@contextmanager
def _startup_lock(path: Path) -> Iterator[None]:
    """Let one process at a time create, check or migrate *path*."""
    beside = path.with_name(f"{path.name}.opening")
    beside.touch(mode=0o600)
    with beside.open("a") as lock:
        if fcntl:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _open_file(engine: Engine, path: Path, patience: float, migrations: Sequence[Migration]) -> str | None:
    """Open *path*, or a new database in its place if it is damaged; then return a notice."""
    try:
        _check(engine, path, patience)
        notice = None
    except _DatabaseCorrupt:
        engine.dispose()
        notice = _ASIDE.format(name=_quarantine(path).name)
    path.touch(mode=0o600)
    _prepare(engine, path, patience, migrations)
    return notice


def _check(engine: Engine, path: Path, patience: float) -> None:
    """Raise _Damaged if there is a file, but no sound database in it."""
    if not path.exists():
        return
    if not path.stat().st_size:
        raise _DatabaseCorrupt
    try:
        with read_connection(engine, patience) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            small = path.stat().st_size <= _MAX_CHECKED_BYTES
            verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() if small else "ok"
    except DBAPIError as exc:
        if is_corruption(exc):
            raise _DatabaseCorrupt from exc
        raise
    if verdict != "ok":
        raise _DatabaseCorrupt


def _quarantine(path: Path) -> Path:
    """Rename a damaged database and its journals, and return the new name; nothing is deleted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def _prepare(engine: Engine, path: Path | None, patience: float, migrations: Sequence[Migration]) -> None:
    """Migrate the database, with a copy of the old one beside it first, and prove that it can be written."""
    with read_connection(engine, patience) as connection:
        version = _schema_version(connection)
    if version > len(migrations):
        raise NewerSchema(_NEWER)
    if path and version < len(migrations):
        if version:
            _back_up(engine, path.with_name(f"{path.name}.backup-v{version}"))
        _execute_autocommit(engine, "PRAGMA journal_mode=WAL")
    with write_transaction(engine, patience) as connection:
        _migrate(connection, migrations)
        _set_meta(connection, "opened", datetime.now(UTC).isoformat())


def _schema_version(connection: Connection) -> int:
    if not inspect(connection).has_table("meta"):
        return 0
    return int(connection.scalar(select(meta.c.value).where(meta.c.key == "version")) or 0)


def _migrate(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Take the steps that are missing, as seen under the lock: another process may have taken them."""
    version = _schema_version(connection)
    for step in migrations[version:]:
        step(connection)
    if version < len(migrations):
        _set_meta(connection, "version", str(len(migrations)))


def _set_meta(connection: Connection, key: str, value: str) -> None:
    changed = connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if not changed.rowcount:
        connection.execute(insert(meta).values(key=key, value=value))


def _back_up(engine: Engine, target: Path) -> None:
    """Copy the database whole into a file that only its owner may read."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as copy:
        _execute_autocommit(engine, "VACUUM INTO ?", copy.name)
    Path(copy.name).replace(target)


def _execute_autocommit(engine: Engine, statement: str, *values: str) -> None:
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute(statement, values)
