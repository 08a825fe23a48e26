"""A database file that is deleted, replaced or damaged while it is open, or that cannot be written to."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from core.conversations.repository import ConversationRepository
from core.storage import database_file
from core.storage.bootstrap import open_database
from core.storage.store import Store
from tests.unit.storage.test_store import FILE, impatient_store, titles

_NOBODY = 65534


def test_notices_that_the_file_was_deleted_and_keeps_the_conversations_in_memory(tmp_path: Path) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    for file in tmp_path.glob(f"{FILE}*"):
        file.unlink()

    ConversationRepository(store).create("meanwhile")

    assert titles(store) == ["meanwhile", "before"]
    assert store.problem
    assert "was deleted or moved while the app was running" in store.problem
    assert not (tmp_path / FILE).exists()
    store.close()
    assert Store.open(directory=tmp_path).problem is None


def test_saves_everything_when_a_moved_file_is_back(tmp_path: Path) -> None:
    store = impatient_store(partial(open_database, None, tmp_path / "data"))
    ConversationRepository(store).create("before")
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    assert store.problem
    ConversationRepository(store).create("meanwhile")

    (tmp_path / "elsewhere").rename(tmp_path / "data")

    assert store.problem is None
    store.close()
    assert titles(Store.open(directory=tmp_path / "data")) == ["meanwhile", "before"]


def test_uses_a_file_that_replaced_the_open_one(tmp_path: Path) -> None:
    other = Store.open(directory=tmp_path / "backup")
    ConversationRepository(other).create("from the backup")
    other.close()
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"{FILE}{suffix}").unlink()
    (tmp_path / "backup" / FILE).replace(tmp_path / FILE)

    ConversationRepository(store).create("meanwhile")

    assert store.problem is None
    assert store.notice
    assert "was replaced while the app was running" in store.notice
    assert titles(store) == ["meanwhile", "from the backup"]
    store.close()
    assert titles(Store.open(directory=tmp_path)) == ["meanwhile", "from the backup"]


@pytest.mark.parametrize("conversations", [1, 40], ids=["same size", "larger"])
def test_uses_the_content_that_overwrote_the_open_file(tmp_path: Path, conversations: int) -> None:
    other = Store.open(directory=tmp_path / "backup")
    for number in range(conversations):
        ConversationRepository(other).create(f"from the backup {number}")
    other.close()
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    shutil.copyfile(tmp_path / "backup" / FILE, tmp_path / FILE)

    ConversationRepository(store).create("meanwhile")

    assert wait_until_saved(store)
    assert store.notice
    assert "was replaced while the app was running" in store.notice
    assert titles(store)[:2] == ["meanwhile", f"from the backup {conversations - 1}"]
    store.close()
    reopened = Store.open(directory=tmp_path)
    assert len(titles(reopened)) == conversations + 1
    assert reopened.notice is None


def test_uses_the_overwritten_file_only_when_it_is_complete(tmp_path: Path) -> None:
    other = Store.open(directory=tmp_path / "backup")
    ConversationRepository(other).create("from the backup")
    other.close()
    store = impatient_store(partial(open_database, None, tmp_path))
    backup, file = (tmp_path / "backup" / FILE).read_bytes(), tmp_path / FILE
    with file.open("r+b") as writer:
        for end in range(8_192, len(backup), 8_192):
            writer.write(backup[end - 8_192 : end])
            writer.flush()
            assert store.problem
        writer.write(backup[writer.tell() :])

    assert wait_until_saved(store)
    assert titles(store) == ["from the backup"]


def wait_until_saved(store: Store) -> bool:
    """Let the store look at its file until it has not changed any more."""
    return any(store.problem is None for _ in range(5))


def test_does_not_mistake_a_file_that_changes_while_it_is_read_for_a_replaced_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    assert store.problem is None

    def read_during_checkpoint(path: Path) -> str:
        os.utime(path, (2, 2))
        return ""

    monkeypatch.setattr(database_file, "_last_opening", read_during_checkpoint)
    os.utime(tmp_path / FILE, (1, 1))

    assert store.problem is None


@pytest.mark.parametrize("checkpoint", ["PASSIVE", "TRUNCATE"])
def test_does_not_mistake_another_program_for_a_replaced_file(tmp_path: Path, checkpoint: str) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    assert store.problem is None
    script = (
        f"import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint({checkpoint})')"
    )

    subprocess.run([sys.executable, "-c", script, str(tmp_path / FILE)], check=True)
    ConversationRepository(store).create("after")

    assert store.problem is None
    assert store.notice is None
    assert titles(store) == ["after", "before"]


@pytest.mark.parametrize("content", [b"", b"SQLite format 3"], ids=len)
def test_notices_that_the_open_file_was_truncated(tmp_path: Path, content: bytes) -> None:
    store = impatient_store(partial(open_database, None, tmp_path))
    ConversationRepository(store).create("before")
    (tmp_path / FILE).write_bytes(content)

    ConversationRepository(store).create("meanwhile")

    assert "meanwhile" in titles(store)
    assert store.problem is None
    store.close()
    assert "meanwhile" in titles(Store.open(directory=tmp_path))


def test_keeps_the_locks_on_the_file_when_it_checks_it(tmp_path: Path) -> None:
    """Without them, another process that closes the file deletes the journal in use, with what is in it."""
    store = Store.open(directory=tmp_path)
    ConversationRepository(store).create("before")
    os.utime(tmp_path / FILE, (1, 1))  # so that the content is looked at, too
    assert store.problem is None
    script = (
        "import sqlite3, sys; database = sqlite3.connect(sys.argv[1]); "
        "database.execute('select count(*) from conversations').fetchone(); database.close()"
    )

    subprocess.run([sys.executable, "-c", script, str(tmp_path / FILE)], check=True)

    assert (tmp_path / f"{FILE}-wal").exists()
    store.close()


@pytest.fixture(params=[0o644, 0o444], ids=["writable files", "read-only files"])
def read_only_directory(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A data directory with a conversation, which this process can read but not write to."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        store = Store.open(directory=directory)
        ConversationRepository(store).create("earlier")
        store.close()
        for path in directory.iterdir():
            path.chmod(request.param)
        directory.chmod(0o555)
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        if is_root:  # who may write everywhere
            for path in directory.iterdir():
                os.chown(path, _NOBODY, -1)
            os.seteuid(_NOBODY)
        yield directory
        if is_root:
            os.seteuid(0)
        directory.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_shows_the_conversations_of_a_read_only_directory(read_only_directory: Path) -> None:
    store = Store.open(directory=read_only_directory)
    ConversationRepository(store).create("new")

    assert titles(store) == ["new", "earlier"]
    assert store.problem
    assert "Make it writable" in store.problem
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_continues_in_memory_if_the_directory_cannot_be_entered(tmp_path: Path) -> None:
    Store.open(directory=tmp_path).close()
    tmp_path.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:  # who may enter every directory
        os.seteuid(_NOBODY)
    try:
        store = Store.open(directory=tmp_path)
        ConversationRepository(store).create("meanwhile")

        assert store.problem
        assert titles(store) == ["meanwhile"]
    finally:
        if is_root:
            os.seteuid(0)
        tmp_path.chmod(0o755)
