"""The revisions of the schema, which Alembic applies. A new database gets today's tables at once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from core.storage.schema import meta, metadata

_DIRECTORY = Path(__file__).parent
# The table in which Alembic itself records the revision.
_alembic_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
# Earlier versions of the app numbered the schema themselves; all of them are before the first revision.
_NUMBERED_VERSIONS = ("1", "2", "3", "4", "5")
# Those versions refuse to open a database with a greater number, so that they do not write to this one.
VERSION_FOR_EARLIER_APPS = "6"
# Alembic has one context for all threads.
_alembic_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Migrations:
    """The ids of all revisions, oldest first, and the directories of their scripts.

    The ids are listed so that the version of a database can be checked without importing Alembic.
    """

    revisions: Sequence[str]
    directories: Sequence[Path] = (_DIRECTORY / "versions",)

    @property
    def head(self) -> str:
        return self.revisions[-1]

    def is_known(self, version: str) -> bool:
        return version in self.revisions or version in _NUMBERED_VERSIONS


MIGRATIONS = Migrations(("0001", "0002", "0003", "0004", "0005", "0006", "0007"))


def schema_version(connection: Connection) -> str | None:
    """Return the revision of a database, or the number that an earlier version of the app gave it.

    None if the database is empty.
    """
    tables = inspect(connection)
    if tables.has_table(_alembic_version.name):
        return connection.scalar(select(_alembic_version.c.version_num))
    if tables.has_table(meta.name):
        return connection.scalar(select(meta.c.value).where(meta.c.key == "version"))
    return None


def migrate(connection: Connection, migrations: Migrations) -> None:
    """Create the tables of an empty database, or apply the revisions that an older one lacks."""
    if schema_version(connection) is not None:
        upgrade(connection, migrations)
        return
    metadata.create_all(connection)
    _alembic_version.create(connection)
    connection.execute(insert(_alembic_version).values(version_num=migrations.head))


def upgrade(connection: Connection, migrations: Migrations = MIGRATIONS) -> None:
    """Apply the revisions that the database lacks, in the transaction of *connection*."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_DIRECTORY))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, migrations.directories)))
    with _alembic_lock:
        command.upgrade(config, migrations.head)
