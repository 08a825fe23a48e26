"""What is open on a page, and shown again after a restart."""

import pytest

from core.history.settings import HistorySettings
from core.storage.saved_drafts import SavedDrafts
from core.storage.store import Store


@pytest.fixture
def saved(store: Store) -> SavedDrafts:
    return SavedDrafts(store, "tools")


def test_drops_the_oldest_of_a_page(saved: SavedDrafts, store: Store) -> None:
    other_page = SavedDrafts(store, "compare")
    other_page.save("f" * 32, "other")
    for number in range(25):
        saved.save(f"{number:032x}", f"text {number}")
    saved.save(f"{24:032x}", "changed\x00")

    texts = [saved.load(f"{number:032x}") for number in range(25)]
    assert texts == [None] * 5 + [f"text {number}" for number in range(5, 24)] + ["changed\ufffd"]
    assert other_page.load("f" * 32) == "other"


def test_belongs_to_an_owner(saved: SavedDrafts, store: Store) -> None:
    saved.save("a", "text")

    assert SavedDrafts(store, "tools", "other").load("a") is None
    assert saved.load("a") == "text"


def test_saves_nothing_while_nothing_is_recorded(saved: SavedDrafts, store: Store) -> None:
    HistorySettings(store).set_recording(False)

    saved.save("a", "text")

    assert saved.load("a") is None


@pytest.mark.parametrize("draft_id", ["", "../a", "a\x00"])
def test_ignores_what_is_no_id(saved: SavedDrafts, draft_id: str) -> None:
    assert saved.load(draft_id) is None
