"""The database under faults: the chat goes on, and nothing that was written is lost."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from core.conversations.repository import ConversationRepository
from core.storage.migrations import OpenResult, open_database
from core.storage.store import Store

FILE = "history.db"


def at_once(opener: Callable[[float], OpenResult]) -> Store:
    """Make a store that waits for no lock and tries again at every call."""
    return Store(opener, lock_timeout=0.01, retry_interval=0)


def titles(store: Store) -> list[str]:
    return [found.title for found in ConversationRepository(store).list()]


class Disk:
    """A disk with room for *pages* pages; SQLite itself says when it is full."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.pages = 1_000_000

    def open(self, patience: float) -> OpenResult:
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
    ConversationRepository(earlier).create("before")
    earlier.close()
    disk.pages = 1
    store = at_once(disk.open)
    mine = ConversationRepository(store)
    mine.append(mine.create().id, None, "user", "x" * 9_000)
    yield store
    store.close()


def test_says_that_the_disk_is_full(full: Store) -> None:
    assert full.problem
    assert full.problem.startswith("History is not saved: the disk is full. Free space, then reload.")


def test_chats_on_while_the_disk_is_full(full: Store) -> None:
    mine = ConversationRepository(full)
    chat = mine.list()[0]
    question = mine.append(chat.id, None, "user", "y" * 9_000)

    assert mine.branch(chat.id) == [question]
    assert "before" in titles(full)


def test_writes_everything_once_there_is_space(full: Store, disk: Disk, tmp_path: Path) -> None:
    mine = ConversationRepository(full)
    reply = mine.append(mine.list()[0].id, None, "assistant", "")
    for size in range(1_000, 9_000, 1_000):
        mine.set_text(reply.id, "y" * size)
    disk.pages = 1_000_000

    assert full.problem is None
    again = ConversationRepository(Store.open(directory=tmp_path))
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
    ConversationRepository(store).create("kept")
    assert titles(store) == ["kept"]
    assert store.problem
    assert "another program has locked its file" in store.problem

    other.close()

    assert store.problem is None
    store.close()
    assert titles(Store.open(directory=tmp_path)) == ["kept"]


def test_chats_on_when_the_lock_comes_later(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    other = hold(tmp_path / FILE, "WAL")

    ConversationRepository(store).create("meanwhile")

    assert titles(store) == ["meanwhile", "before"]
    assert store.problem
    other.close()
    assert store.problem is None


def test_saves_what_goes_on_in_a_conversation_that_cannot_be_read_for_a_while(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    mine = ConversationRepository(store)
    reply = mine.append(mine.create().id, None, "assistant", "")
    store.close()
    other = hold(tmp_path / FILE, "DELETE")

    mine.set_text(reply.id, "Because")
    other.close()

    assert mine.message(reply.id).text == "Because"
    assert store.problem is None


def test_repeats_no_change_that_had_arrived_after_all(disk: Disk, full: Store) -> None:
    mine = ConversationRepository(full)
    chat = mine.create()
    disk.pages = 1_000_000
    ConversationRepository(at_once(disk.open)).add(chat, [])

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
    ConversationRepository(earlier).create("earlier")
    earlier.close()

    store = Store.open(f"sqlite:///file:{tmp_path / FILE}?mode=ro&uri=true")
    ConversationRepository(store).create("new")

    assert titles(store) == ["new", "earlier"]
    assert store.problem
    assert "read-only" in store.problem


def test_goes_on_when_the_file_is_damaged_while_it_runs(tmp_path: Path) -> None:
    store = at_once(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    store.close()
    (tmp_path / FILE).write_text("# notes\n" * 1_000)

    ConversationRepository(store).create("meanwhile")

    assert "meanwhile" in titles(store)
    assert store.problem is None
    assert store.notice
    store.close()
    assert "meanwhile" in titles(Store.open(directory=tmp_path))


def test_takes_a_hundred_writes_from_each_of_eight_threads(store: Store) -> None:
    mine = ConversationRepository(store)
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
from core.conversations.repository import Conversations
from core.storage.run_repository import Runs
from core.runs.run import Event, Run
from core.storage.store import Store

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

    mine = ConversationRepository(Store.open(directory=tmp_path))

    reply = mine.branch(mine.list()[0].id)[-1]
    assert len(reply.text.split()) >= saved
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_does_not_hide_mistakes_of_ours(store: Store) -> None:
    with pytest.raises((ProgrammingError, SQLAlchemyError), match="nowhere"):
        store.write(lambda connection: connection.execute(text("SELECT * FROM nowhere")))

    assert store.problem is None
