"""Databases of earlier and later versions of the app."""

import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from core.conversations.repository import ConversationRepository
from core.paths import ROOT
from core.runs.run import RunState
from core.storage import migrations
from core.storage.bootstrap import open_database
from core.storage.migrations import MIGRATIONS, Migrations
from core.storage.run_repository import RunRepository
from core.storage.store import Store

FILE = "history.db"
# A database with rows in every table, written by the last version that did not use Alembic.
VERSION_5 = (Path(__file__).parent / "history-v5.sql").read_text()

REVISION = """
from alembic import op
revision = "next"
down_revision = "{head}"
def upgrade():
    op.execute("ALTER TABLE conversations ADD COLUMN colour TEXT")
    {more}
"""


def write_version_5(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(VERSION_5)


def next_migrations(directory: Path, more: str = "") -> Migrations:
    """Return the migrations with one more, which is in *directory*."""
    directory.mkdir()
    (directory / "revision_next.py").write_text(REVISION.format(head=MIGRATIONS.head, more=more))
    return Migrations((*MIGRATIONS.revisions, "next"), (*MIGRATIONS.directories, directory))


def columns(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [row[1] for row in database.execute("PRAGMA table_info(conversations)")]


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of all tables of version 5 but that about the database itself, in its columns."""
    tables = set(re.findall(r"CREATE TABLE (\w+)", VERSION_5)) - {"meta"}
    with closing(sqlite3.connect(":memory:")) as version_5:
        version_5.executescript(VERSION_5)
        columns_of = {
            table: [row[1] for row in version_5.execute(f"PRAGMA table_info({table})")] for table in tables
        }
    with closing(sqlite3.connect(path)) as database:
        return {
            table: database.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
            for table, names in columns_of.items()
        }


def schema(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return the columns of every table and index, except where they are in the table."""
    columns_of = {"table": "SELECT name, type, [notnull], pk FROM pragma_table_info(?) ORDER BY name"}
    columns_of["index"] = "SELECT name, seqno, [desc] FROM pragma_index_xinfo(?) WHERE key"
    with closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'index')")
        return {name: database.execute(columns_of[kind], [name]).fetchall() for kind, name in names}


def test_opens_a_database_of_the_last_version_without_alembic(tmp_path: Path) -> None:
    write_version_5(tmp_path / FILE)
    before = contents(tmp_path / FILE)

    store = Store.open(directory=tmp_path)

    assert store.problem is None
    assert contents(tmp_path / FILE) == before
    assert all(before.values())
    conversation = ConversationRepository(store).list()[0]
    reply = ConversationRepository(store).branch(conversation.id)[-1]
    assert reply.run_id
    run = RunRepository(store).get(reply.run_id)
    assert (run.state, run.text) == (RunState.DONE, reply.text)
    assert [event.kind for event in RunRepository(store).events(run.id)] == ["sent", "chunk", "end"]
    image = RunRepository(store).list("vision")[0]
    assert "data:image/png;base64,iVBOR" in str(RunRepository(store).get(image.id).params)
    assert contents(tmp_path / f"{FILE}.backup-v5") == before


@pytest.mark.parametrize("version", ["1", "4"])
def test_creates_the_tables_that_an_older_version_lacks(tmp_path: Path, version: str) -> None:
    write_version_5(tmp_path / FILE)
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.execute("DROP TABLE batches")
        database.execute("UPDATE meta SET value = ? WHERE key = 'version'", [version])
        database.commit()

    assert Store.open(directory=tmp_path).problem is None
    assert contents(tmp_path / FILE)["batches"] == []
    assert (tmp_path / f"{FILE}.backup-v{version}").exists()


def test_takes_the_time_of_the_last_message_as_that_of_the_last_use(tmp_path: Path) -> None:
    write_version_5(tmp_path / FILE)

    conversations = ConversationRepository(Store.open(directory=tmp_path))

    [listed] = conversations.list()
    assert listed.used_at == max(message.created_at for message in conversations.messages(listed.id))
    assert not listed.pinned


def test_gives_a_new_and_a_migrated_database_the_same_schema(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    write_version_5(tmp_path / "old" / FILE)
    Store.open(directory=tmp_path / "old").close()
    Store.open(directory=tmp_path / "new").close()

    assert schema(tmp_path / "old" / FILE) == schema(tmp_path / "new" / FILE)


def test_lists_all_revisions_in_their_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    scripts = ScriptDirectory.from_config(config).walk_revisions()

    assert tuple(script.revision for script in scripts)[::-1] == tuple(MIGRATIONS.revisions)


def test_migrates_an_older_database_and_keeps_a_backup(tmp_path: Path) -> None:
    old = Store.open(directory=tmp_path)
    ConversationRepository(old).create("old")
    old.close()

    store = Store(partial(open_database, None, tmp_path, migrations=next_migrations(tmp_path / "scripts")))

    assert [conversation.title for conversation in ConversationRepository(store).list()] == ["old"]
    assert "colour" in columns(tmp_path / FILE)
    backup = tmp_path / f"{FILE}.backup-v{MIGRATIONS.head}"
    assert "colour" not in columns(backup)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_keeps_the_old_tables_when_a_migration_fails(tmp_path: Path) -> None:
    Store.open(directory=tmp_path).close()
    failing = next_migrations(
        tmp_path / "scripts", 'op.execute("ALTER TABLE nowhere ADD COLUMN colour TEXT")'
    )

    result = open_database(None, tmp_path, migrations=failing)

    assert result.problem
    assert "colour" not in columns(tmp_path / FILE)
    assert Store.open(directory=tmp_path).problem is None


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("UPDATE alembic_version SET version_num = '9999'", id="a later revision"),
        pytest.param(
            "DROP TABLE alembic_version; UPDATE meta SET value = '99' WHERE key = 'version'", id="a number"
        ),
    ],
)
def test_does_not_change_the_database_of_a_newer_version(tmp_path: Path, statement: str) -> None:
    Store.open(directory=tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE)) as database:
        database.executescript(statement)
    before = (tmp_path / FILE).read_bytes()

    store = Store.open(directory=tmp_path)
    ConversationRepository(store).create("only in memory")

    assert store.problem
    assert "Update the app" in store.problem
    assert [conversation.title for conversation in ConversationRepository(store).list()] == ["only in memory"]
    assert (tmp_path / FILE).read_bytes() == before


def test_is_refused_by_versions_that_did_not_use_alembic(tmp_path: Path) -> None:
    """They compare the number in `meta` with the last one they know, 5."""
    store = Store.open(directory=tmp_path)

    number = store.read(lambda c: c.scalar(text("SELECT value FROM meta WHERE key = 'version'")))
    assert int(number) > 5


def test_does_not_load_alembic_for_a_database_that_is_up_to_date(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from core.storage.store import Store; "
        "[Store.open(directory=Path(sys.argv[1])).close() for _ in range(2)]; "
        "assert 'alembic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, cwd=ROOT)
