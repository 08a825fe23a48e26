"""Questions without an answer, which are shown again after a restart."""

import pytest

from core.history.settings import HistorySettings
from core.storage.store import Store
from core.tools.loop.saved_state import SavedState, UnfinishedQuestion


@pytest.fixture
def saved(store: Store) -> SavedState:
    return SavedState(store)


def question(name: str, text: str = "How much?") -> UnfinishedQuestion:
    return UnfinishedQuestion(name, text, "gpt-5-mini", "d1")


def test_returns_the_newest_questions_first_until_they_are_deleted(saved: SavedState) -> None:
    for name in ("a", "b", "a"):
        saved.save_question(question(name))
    saved.save_question(question("c", "얼마야?"))

    assert saved.questions() == [question("c", "얼마야?"), question("a"), question("b")]
    saved.delete_question("a")
    saved.delete_question("unknown")
    assert [each.id for each in saved.questions()] == ["c", "b"]


def test_drops_the_oldest_questions(saved: SavedState) -> None:
    for number in range(25):
        saved.save_question(question(f"{number:032x}"))

    assert [int(each.id, 16) for each in saved.questions()] == [*range(24, 14, -1)]


def test_belongs_to_an_owner(saved: SavedState, store: Store) -> None:
    saved.save_question(question("a"))
    other = SavedState(store, "other")
    other.delete_question("a")

    assert other.questions() == []
    assert saved.questions() == [question("a")]


def test_saves_nothing_while_nothing_is_recorded(saved: SavedState, store: Store) -> None:
    saved.save_question(question("a"))
    HistorySettings(store).set_recording(False)
    saved.save_question(question("b"))
    saved.delete_question("a")

    assert saved.questions() == []
