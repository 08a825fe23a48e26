"""The database under faults: the chat goes on, and nothing that was written is lost."""

import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from core.conversations import Conversations
from core.opening import Opened, open_database
from core.schema import MIGRATIONS
from core.store import Store, data_directory

FILE = "history.db"


def at_once(opener: Callable[[float], Opened]) -> Store:
    """Make a store that waits for no lock and tries again at every call."""
    return Store(opener, patience=0.01, retry_after=0)


def titles(store: Store) -> list[str]:
    return [found.title for found in Conversations(store).list()]


class Disk:
    """A disk with room for *pages* pages; SQLite itself says when it is full."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.pages = 1_000_000

    def open(self, patience: float) -> Opened:
        opened = open_database(None, self._directory, patience)
        assert opened.engine
        opened.engine.dispose()
        event.listen(opened.engine, "connect", self._limit)
        return opened

    def _limit(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def full(disk: Disk) -> Iterator[Store]:
    """A store with one saved conversation whose disk has just filled up."""
    earlier = at_once(disk.open)
    Conversations(earlier).create("before")
    earlier.close()
    disk.pages = 1
    store = at_once(disk.open)
    mine = Conversations(store)
    mine.append(mine.create().id, None, "user", "x" * 9_000)
    yield store
    store.close()


def test_says_that_the_disk_is_full(full: Store) -> None:
    assert full.problem
    assert full.problem.startswith("History is not saved: the disk is full. Free space, then reload.")


def test_chats_on_while_the_disk_is_full(full: Store) -> None:
    mine = Conversations(full)
    chat = mine.list()[0]
    question = mine.append(chat.id, None, "user", "y" * 9_000)

    assert mine.branch(chat.id) == [question]
    assert "before" in titles(full)


def test_writes_everything_once_there_is_space(full: Store, disk: Disk, tmp_path: Path) -> None:
    mine = Conversations(full)
    reply = mine.append(mine.list()[0].id, None, "assistant", "")
    for size in range(1_000, 9_000, 1_000):
        mine.set_text(reply.id, "y" * size)
    disk.pages = 1_000_000

    assert full.problem is None
    again = Conversations(Store.open(directory=tmp_path))
    assert again.message(reply.id).text == "y" * 8_000


def hold(path: Path, mode: str) -> sqlite3.Connection:
    """Lock the database as another program would."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"PRAGMA journal_mode={mode}")
    other.execute("BEGIN EXCLUSIVE")
    return other


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_chats_on_while_another_program_holds_the_file(tmp_path: Path, mode: str) -> None:
    Store.open(directory=tmp_path).close()
    other = hold(tmp_path / FILE, mode)
    store = at_once(partial(open_database, None, tmp_path))
    Conversations(store).create("kept")
    assert titles(store) == ["kept"]
    assert store.problem
    assert "another program has locked its file" in store.problem

    other.close()

    assert store.problem is None
    store.close()
    assert titles(Store.open(directory=tmp_path)) == ["kept"]


def test_chats_on_when_the_lock_comes_later(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    Conversations(store).create("before")
    other = hold(tmp_path / FILE, "WAL")

    Conversations(store).create("meanwhile")

    assert titles(store) == ["meanwhile", "before"]
    assert store.problem
    other.close()
    assert store.problem is None


def test_saves_what_goes_on_in_a_conversation_that_cannot_be_read_for_a_while(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    mine = Conversations(store)
    reply = mine.append(mine.create().id, None, "assistant", "")
    store.close()
    other = hold(tmp_path / FILE, "DELETE")

    mine.set_text(reply.id, "Because")
    other.close()

    assert mine.message(reply.id).text == "Because"
    assert store.problem is None


def test_repeats_no_change_that_had_arrived_after_all(disk: Disk, full: Store) -> None:
    mine = Conversations(full)
    chat = mine.create()
    disk.pages = 1_000_000
    Conversations(at_once(disk.open)).add(chat, [])

    assert full.problem is None
    assert [found.id for found in mine.list()].count(chat.id) == 1


@pytest.mark.timeout(6)
@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_opens_a_locked_file_in_time_for_the_first_page(tmp_path: Path, mode: str) -> None:
    Store.open(directory=tmp_path).close()
    other = hold(tmp_path / FILE, mode)

    assert Store.open(directory=tmp_path).problem
    other.close()


def test_shows_a_read_only_file_and_keeps_new_things_in_memory(tmp_path: Path) -> None:
    earlier = Store.open(directory=tmp_path)
    Conversations(earlier).create("earlier")
    earlier.close()

    store = Store.open(f"sqlite:///file:{tmp_path / FILE}?mode=ro&uri=true")
    Conversations(store).create("new")

    assert titles(store) == ["new", "earlier"]
    assert store.problem
    assert "read-only" in store.problem


def test_keeps_to_memory_where_no_directory_can_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Store.open(directory=tmp_path / "file" / "data")
    Conversations(store).create("kept")

    assert titles(store) == ["kept"]
    assert store.problem
    assert "PLAYGROUND_DATA_DIR" in store.problem


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
def test_sets_a_damaged_file_aside_and_begins_a_new_one(tmp_path: Path, damage: str) -> None:
    Store.open(directory=tmp_path).close()
    DAMAGE[damage](tmp_path / FILE)
    broken = (tmp_path / FILE).read_bytes()

    store = Store.open(directory=tmp_path)

    kept = [path for path in tmp_path.glob(f"{FILE}.corrupt-*") if path.read_bytes() == broken]
    assert len(kept) == 1
    assert store.problem is None
    assert store.notice
    assert kept[0].name in store.notice
    assert Conversations(store).create("works")


def test_goes_on_when_the_file_is_damaged_while_it_runs(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    Conversations(store).create("before")
    store.close()
    DAMAGE["not a database"](tmp_path / FILE)

    Conversations(store).create("meanwhile")

    assert "meanwhile" in titles(store)
    assert store.problem is None
    assert store.notice
    store.close()
    assert "meanwhile" in titles(Store.open(directory=tmp_path))


def add_colour(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE conversations ADD COLUMN colour TEXT"))


def fail(connection: Connection) -> None:
    add_colour(connection)
    connection.execute(text("ALTER TABLE nowhere ADD COLUMN colour TEXT"))


def columns(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(conversations)")]


def test_brings_an_older_database_up_to_date_and_keeps_a_copy(tmp_path: Path) -> None:
    old = Store.open(directory=tmp_path)
    Conversations(old).create("old")
    old.close()

    store = at_once(partial(open_database, None, tmp_path, migrations=(*MIGRATIONS, add_colour)))

    assert titles(store) == ["old"]
    assert "colour" in columns(tmp_path / FILE)
    assert "colour" not in columns(tmp_path / f"{FILE}.backup-v1")
    assert stat.S_IMODE((tmp_path / f"{FILE}.backup-v1").stat().st_mode) == 0o600


def test_leaves_the_old_tables_when_a_migration_fails(tmp_path: Path) -> None:
    Store.open(directory=tmp_path).close()

    opened = open_database(None, tmp_path, migrations=(*MIGRATIONS, fail))

    assert opened.problem
    assert "colour" not in columns(tmp_path / FILE)


def test_does_not_touch_what_a_newer_version_wrote(tmp_path: Path) -> None:
    newer = open_database(None, tmp_path, migrations=(*MIGRATIONS, add_colour))
    assert newer.engine
    newer.engine.dispose()
    before = (tmp_path / FILE).read_bytes()

    store = Store.open(directory=tmp_path)
    Conversations(store).create("only in memory")

    assert store.problem
    assert "Update the app" in store.problem
    assert titles(store) == ["only in memory"]
    assert (tmp_path / FILE).read_bytes() == before


def test_keeps_files_to_their_owner(tmp_path: Path) -> None:
    directory = tmp_path / "data"
    Conversations(Store.open(directory=directory)).create()

    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_takes_a_hundred_writes_from_each_of_eight_threads(store: Store) -> None:
    mine = Conversations(store)
    chat = mine.create().id

    def write() -> None:
        for _ in range(100):
            mine.append(chat, None, "user", "hello")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.problem is None
    assert len(mine.messages(chat)) == 800


WRITER = """
import sys
from pathlib import Path
from core.conversations import Conversations
from core.history import Runs
from core.runs import Event, Run
from core.store import Store

store = Store.open(directory=Path(sys.argv[1]))
mine, runs = Conversations(store), Runs(store)
run = Run("chat", "/chat/completions", {"model": "m"})
chat = mine.create()
question = mine.append(chat.id, None, "user", "Count.")
reply = mine.append(chat.id, question.id, "assistant", "", run.id)
runs.start(run)
for number in range(1_000_000):
    mine.set_text(reply.id, "word " * number)
    runs.append_events(run.id, [Event(number / 10, "chunk", str(number))])
    print(number, flush=True)
"""


def test_loses_nothing_that_was_saved_before_kill_9(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert writer.stdout
    saved = next(int(line) for line in writer.stdout if int(line) == 50)
    writer.kill()
    writer.communicate()

    mine = Conversations(Store.open(directory=tmp_path))

    reply = mine.branch(mine.list()[0].id)[-1]
    assert len(reply.text.split()) >= saved
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_does_not_hide_mistakes_of_ours(store: Store) -> None:
    with pytest.raises((ProgrammingError, SQLAlchemyError), match="nowhere"):
        store.write(lambda connection: connection.execute(text("SELECT * FROM nowhere")))

    assert store.problem is None


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://me:secret-password@127.0.0.1:1/none", id="no server, or no driver"),
        pytest.param("oracle9://me:secret-password@db/none", id="an unknown database"),
        pytest.param("secret-password", id="not a URL"),
    ],
)
def test_explains_a_database_url_that_does_not_work_without_its_password(url: str) -> None:
    store = Store.open(url)
    Conversations(store).create("kept")

    assert titles(store) == ["kept"]
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
def test_keeps_data_where_the_environment_says(environ: dict[str, str], path: str) -> None:
    assert data_directory(environ) == Path(path).expanduser()


def test_opens_the_database_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'team.db'}")

    Conversations(Store.open()).create("shared")

    assert (tmp_path / "team.db").exists()
