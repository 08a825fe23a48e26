"""What is shown again after a restart: drafts of the tools, and questions without an answer."""

import pytest

from core.history.settings import HistorySettings
from core.storage.store import Store
from core.tools.saved_state import SavedState, UnfinishedQuestion


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


def test_drops_the_oldest_questions_and_drafts(saved: SavedState) -> None:
    for number in range(25):
        saved.save_question(question(f"{number:032x}"))
        saved.save_draft(f"{number:032x}", f"text {number}")
    saved.save_draft(f"{24:032x}", "changed")

    assert [int(each.id, 16) for each in saved.questions()] == [*range(24, 14, -1)]
    texts = [saved.load_draft(f"{number:032x}") for number in range(25)]
    assert texts == [None] * 5 + [f"text {number}" for number in range(5, 24)] + ["changed"]


def test_belongs_to_an_owner(saved: SavedState, store: Store) -> None:
    saved.save_question(question("a"))
    saved.save_draft("a", "text")
    other = SavedState(store, "other")
    other.delete_question("a")

    assert (other.questions(), other.load_draft("a")) == ([], None)
    assert (saved.questions(), saved.load_draft("a")) == ([question("a")], "text")


def test_saves_nothing_while_nothing_is_recorded(saved: SavedState, store: Store) -> None:
    saved.save_question(question("a"))
    HistorySettings(store).set_recording(False)
    saved.save_question(question("b"))
    saved.save_draft("b", "text")
    saved.delete_question("a")

    assert (saved.questions(), saved.load_draft("b")) == ([], None)
