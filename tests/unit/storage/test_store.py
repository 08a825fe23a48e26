"""Storage during faults: conversations continue in memory, and nothing that was written is lost."""

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
from core.storage.bootstrap import OpenResult, open_database
from core.storage.store import Store

FILE = "history.db"


def impatient_store(opener: Callable[[float], OpenResult]) -> Store:
    """Return a store that hardly waits for locks and retries at every call."""
    return Store(opener, lock_timeout=0.01, retry_interval=0)


def titles(store: Store) -> list[str]:
    return [conversation.title for conversation in ConversationRepository(store).list()]


class Disk:
    """A disk with room for *pages* pages: SQLite itself reports that it is full."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.pages = 1_000_000

    def open(self, lock_timeout: float) -> OpenResult:
        result = open_database(None, self._directory, lock_timeout)
        assert result.engine
        result.engine.dispose()
        event.listen(result.engine, "connect", self._limit_pages)
        return result

    def _limit_pages(self, connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={self.pages}")


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


@pytest.fixture
def full_store(disk: Disk) -> Iterator[Store]:
    """A store with one saved conversation, whose disk becomes full."""
    earlier = impatient_store(disk.open)
    ConversationRepository(earlier).create("before")
    earlier.close()
    disk.pages = 1
    store = impatient_store(disk.open)
    conversations = ConversationRepository(store)
    conversations.append(conversations.create().id, None, "user", "x" * 9_000)
    yield store
    store.close()


def test_reports_a_full_disk(full_store: Store) -> None:
    assert full_store.problem
    assert full_store.problem.startswith("History is not saved: the disk is full. Free space, then reload.")


def test_continues_in_memory_while_the_disk_is_full(full_store: Store) -> None:
    conversations = ConversationRepository(full_store)
    conversation = conversations.list()[0]
    question = conversations.append(conversation.id, None, "user", "y" * 9_000)

    assert conversations.branch(conversation.id) == [question]
    assert "before" in titles(full_store)


def test_saves_everything_when_the_disk_has_space_again(
    full_store: Store, disk: Disk, tmp_path: Path
) -> None:
    conversations = ConversationRepository(full_store)
    reply = conversations.append(conversations.list()[0].id, None, "assistant", "")
    for size in range(1_000, 9_000, 1_000):
        conversations.set_text(reply.id, "y" * size)
    disk.pages = 1_000_000

    assert full_store.problem is None
    reopened = ConversationRepository(Store.open(directory=tmp_path))
    assert reopened.message(reply.id).text == "y" * 8_000


def lock(path: Path, journal_mode: str) -> sqlite3.Connection:
    """Lock the database as another program would; closing the connection unlocks it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode={journal_mode}")
    connection.execute("BEGIN EXCLUSIVE")
    return connection


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_continues_in_memory_while_another_program_locks_the_file(tmp_path: Path, mode: str) -> None:
    Store.open(directory=tmp_path).close()
    locking = lock(tmp_path / FILE, mode)
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("saved")
    assert titles(store) == ["saved"]
    assert store.problem
    assert "another program has locked the database file" in store.problem

    locking.close()

    assert store.problem is None
    store.close()
    assert titles(Store.open(directory=tmp_path)) == ["saved"]


def test_continues_in_memory_when_the_file_is_locked_later(tmp_path: Path) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    locking = lock(tmp_path / FILE, "WAL")

    ConversationRepository(store).create("meanwhile")

    assert titles(store) == ["meanwhile", "before"]
    assert store.problem
    locking.close()
    assert store.problem is None


def test_saves_changes_to_a_conversation_that_could_not_be_read_meanwhile(tmp_path: Path) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    conversations = ConversationRepository(store)
    reply = conversations.append(conversations.create().id, None, "assistant", "")
    store.close()
    locking = lock(tmp_path / FILE, "DELETE")

    conversations.set_text(reply.id, "Because")
    locking.close()

    assert conversations.message(reply.id).text == "Because"
    assert store.problem is None


def test_skips_a_pending_change_that_the_database_already_has(disk: Disk, full_store: Store) -> None:
    conversations = ConversationRepository(full_store)
    created = conversations.create()
    disk.pages = 1_000_000
    ConversationRepository(impatient_store(disk.open)).add(created, [])

    assert full_store.problem is None
    assert [conversation.id for conversation in conversations.list()].count(created.id) == 1


@pytest.mark.timeout(6)
@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_opens_a_locked_file_in_time_for_the_first_page(tmp_path: Path, mode: str) -> None:
    Store.open(directory=tmp_path).close()
    locking = lock(tmp_path / FILE, mode)

    assert Store.open(directory=tmp_path).problem
    locking.close()


def test_reads_a_read_only_file_and_writes_to_memory(tmp_path: Path) -> None:
    earlier = Store.open(directory=tmp_path)
    ConversationRepository(earlier).create("earlier")
    earlier.close()

    store = Store.open(f"sqlite:///file:{tmp_path / FILE}?mode=ro&uri=true")
    ConversationRepository(store).create("new")

    assert titles(store) == ["new", "earlier"]
    assert store.problem
    assert "read-only" in store.problem


def test_recovers_when_the_file_is_damaged_at_run_time(tmp_path: Path) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    store.close()
    (tmp_path / FILE).write_text("# notes\n" * 1_000)

    ConversationRepository(store).create("meanwhile")

    assert "meanwhile" in titles(store)
    assert store.problem is None
    assert store.notice
    store.close()
    assert "meanwhile" in titles(Store.open(directory=tmp_path))


def test_accepts_a_hundred_writes_from_each_of_eight_threads(store: Store) -> None:
    conversations = ConversationRepository(store)
    conversation_id = conversations.create().id

    def write() -> None:
        for _ in range(100):
            conversations.append(conversation_id, None, "user", "hello")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.problem is None
    assert len(conversations.messages(conversation_id)) == 800


WRITER = """
import sys
from pathlib import Path
from core.conversations.repository import ConversationRepository
from core.storage.run_repository import RunRepository
from core.runs.run import Event, Run
from core.storage.store import Store

store = Store.open(directory=Path(sys.argv[1]))
conversations, runs = ConversationRepository(store), RunRepository(store)
run = Run("chat", "/chat/completions", {"model": "m"})
conversation = conversations.create()
question = conversations.append(conversation.id, None, "user", "Count.")
reply = conversations.append(conversation.id, question.id, "assistant", "", run.id)
runs.save(run)
for number in range(1_000_000):
    conversations.set_text(reply.id, "word " * number)
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

    conversations = ConversationRepository(Store.open(directory=tmp_path))

    reply = conversations.branch(conversations.list()[0].id)[-1]
    assert len(reply.text.split()) >= saved
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_does_not_hide_programming_errors(store: Store) -> None:
    with pytest.raises((ProgrammingError, SQLAlchemyError), match="nowhere"):
        store.write(lambda connection: connection.execute(text("SELECT * FROM nowhere")))

    assert store.problem is None
