"""Opening a database that is damaged, missing or cannot be reached."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from core.conversations.repository import ConversationRepository
from core.paths import data_directory
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
