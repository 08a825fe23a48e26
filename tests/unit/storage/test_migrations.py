"""Opening a database that is damaged, old, too new or missing."""

import sqlite3
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from core.conversations.repository import ConversationRepository
from core.paths import data_directory
from core.storage.migrations import MIGRATIONS, open_database
from core.storage.store import Store

FILE = "history.db"


def titles(store: Store) -> list[str]:
    return [conversation.title for conversation in ConversationRepository(store).list()]


def truncate(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """Damage the pages in the middle, not the header."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 16_384)


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": truncate,
    "overwritten": overwrite,
    "not a database": lambda path: path.write_text("# notes\n" * 1_000),
    "random": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "empty": lambda path: path.write_bytes(b""),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_quarantines_a_damaged_file_and_creates_a_new_one(tmp_path: Path, damage: str) -> None:
    Store.open(directory=tmp_path).close()
    DAMAGE[damage](tmp_path / FILE)
    broken = (tmp_path / FILE).read_bytes()

    store = Store.open(directory=tmp_path)

    quarantined = [path for path in tmp_path.glob(f"{FILE}.corrupt-*") if path.read_bytes() == broken]
    assert len(quarantined) == 1
    assert store.problem is None
    assert store.notice
    assert quarantined[0].name in store.notice
    assert ConversationRepository(store).create("works")


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE conversations ADD COLUMN colour TEXT"))


def fail(connection: Connection) -> None:
    add_colour(connection)
    connection.execute(text("ALTER TABLE nowhere ADD COLUMN colour TEXT"))


def columns(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(conversations)")]


def test_migrates_an_older_database_and_keeps_a_backup(tmp_path: Path) -> None:
    old = Store.open(directory=tmp_path)
    ConversationRepository(old).create("old")
    old.close()

    store = Store(partial(open_database, None, tmp_path, migrations=(*MIGRATIONS, add_colour)))

    assert titles(store) == ["old"]
    assert "colour" in columns(tmp_path / FILE)
    backup = tmp_path / f"{FILE}.backup-v{len(MIGRATIONS)}"
    assert "colour" not in columns(backup)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_keeps_the_old_tables_when_a_migration_fails(tmp_path: Path) -> None:
    Store.open(directory=tmp_path).close()

    result = open_database(None, tmp_path, migrations=(*MIGRATIONS, fail))

    assert result.problem
    assert "colour" not in columns(tmp_path / FILE)


def test_does_not_change_the_database_of_a_newer_version(tmp_path: Path) -> None:
    newer = open_database(None, tmp_path, migrations=(*MIGRATIONS, add_colour))
    assert newer.engine
    newer.engine.dispose()
    before = (tmp_path / FILE).read_bytes()

    store = Store.open(directory=tmp_path)
    ConversationRepository(store).create("only in memory")

    assert store.problem
    assert "Update the app" in store.problem
    assert titles(store) == ["only in memory"]
    assert (tmp_path / FILE).read_bytes() == before


def test_creates_files_that_only_their_owner_can_read(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    ConversationRepository(Store.open(directory=directory)).create()

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_stays_in_memory_where_no_directory_can_be_created(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store.open(directory=tmp_path / "file" / "data")
    ConversationRepository(store).create("in memory")

    assert titles(store) == ["in memory"]
    assert store.problem
    assert "PLAYGROUND_DATA_DIR" in store.problem


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://me:secret-password@127.0.0.1:1/none", id="no server, or no driver"),
        pytest.param("oracle9://me:secret-password@db/none", id="an unknown database"),
        pytest.param("secret-password", id="not a URL"),
    ],
)
def test_reports_an_unusable_database_url_without_its_password(url: str) -> None:
    store = Store.open(url)
    ConversationRepository(store).create("in memory")

    assert titles(store) == ["in memory"]
    assert store.problem
    assert "DATABASE_URL" in store.problem
    assert "secret" not in store.problem


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        pytest.param({"PLAYGROUND_DATA_DIR": "/data"}, "/data", id="chosen"),
        pytest.param({"XDG_DATA_HOME": "/xdg"}, "/xdg/openai-sdk-playground", id="XDG"),
        pytest.param({}, "~/.local/share/openai-sdk-playground", id="default"),
    ],
)
def test_takes_the_data_directory_from_the_environment(environ: dict[str, str], path: str) -> None:
    assert data_directory(environ) == Path(path).expanduser()


def test_opens_the_database_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'team.db'}")

    ConversationRepository(Store.open()).create("shared")

    assert (tmp_path / "team.db").exists()
