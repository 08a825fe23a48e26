"""Conversations as an owner sees them."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conversations.messages import title_from
from core.conversations.repository import ConversationRepository, Message, NotFound
from core.runs.run import Run
from core.storage.run_repository import RunRepository
from core.storage.store import Store


@pytest.fixture
def mine(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


def ask(conversations: ConversationRepository, *texts: str) -> list[Message]:
    """Begin a conversation in which question and answer take turns."""
    conversation_id = conversations.create().id
    said: list[Message] = []
    for index, text in enumerate(texts):
        parent = said[-1].id if said else None
        role = "assistant" if index % 2 else "user"
        said.append(conversations.append(conversation_id, parent, role, text))
    return said


def shown(conversations: ConversationRepository, message: Message) -> list[str]:
    return [found.text for found in conversations.branch(message.conversation_id)]


def titles(conversations: ConversationRepository, search: str = "") -> list[str]:
    return [found.title for found in conversations.list(search)]


def test_shows_messages_in_the_order_they_were_said(mine: ConversationRepository) -> None:
    said = ask(mine, "Hello", "Hi", "How are you?")

    assert shown(mine, said[0]) == ["Hello", "Hi", "How are you?"]


def test_gives_back_a_message_as_it_was_appended(mine: ConversationRepository) -> None:
    said = ask(mine, "Hello")

    assert mine.message(said[0].id) == said[0]


def test_keeps_content_parts_with_their_images(mine: ConversationRepository) -> None:
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:,x"}},
    ]
    message = mine.append(mine.create().id, None, "user", parts)

    assert mine.message(message.id).content == parts
    assert mine.list("What is this")
    assert not mine.list("image_url")


def test_takes_its_title_from_the_first_line_of_the_first_question(mine: ConversationRepository) -> None:
    ask(mine, "  Why is\tthe sky blue?\nI wonder.", "Because", "And the sea?")

    assert titles(mine) == ["Why is the sky blue?"]


def test_shortens_a_long_title(mine: ConversationRepository) -> None:
    ask(mine, "word " * 100)

    assert len(titles(mine)[0]) <= 60
    assert titles(mine)[0].endswith("…")


@given(st.text())
def test_makes_a_title_of_one_short_line(text: str) -> None:
    title = title_from(text)

    assert len(title) <= 60
    assert title == " ".join(title.split())


def test_keeps_the_title_that_somebody_gave_it(mine: ConversationRepository) -> None:
    said = ask(mine, "Hello")
    mine.rename(said[0].conversation_id, "Sky\nand sea")

    mine.append(said[0].conversation_id, said[0].id, "user", "Another question")

    assert titles(mine) == ["Sky and sea"]


def test_lists_what_was_used_last_first(mine: ConversationRepository) -> None:
    old = ask(mine, "old")
    ask(mine, "new")
    assert titles(mine) == ["new", "old"]

    mine.append(old[0].conversation_id, old[0].id, "assistant", "still here")

    assert titles(mine) == ["old", "new"]


def test_lists_a_page_at_a_time(mine: ConversationRepository) -> None:
    for number in range(5):
        ask(mine, f"question {number}")

    assert [found.title for found in mine.list(limit=2, offset=2)] == ["question 2", "question 1"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        pytest.param("sky", True, id="in the title"),
        pytest.param("scatter", True, id="in a reply"),
        pytest.param("SCATTER", True, id="in capitals"),
        pytest.param("하늘", True, id="Korean"),
        pytest.param(unicodedata.normalize("NFD", "하늘"), True, id="decomposed Korean"),
        pytest.param("100%", True, id="a percent sign"),
        pytest.param("1_0", False, id="an underscore is no wildcard"),
        pytest.param("%", True, id="a lone percent sign"),
        pytest.param("sea", False, id="not there"),
        pytest.param("'; DROP TABLE messages; --", False, id="SQL"),
    ],
)
def test_searches_titles_and_texts(mine: ConversationRepository, search: str, found: bool) -> None:
    ask(mine, "Why is the sky blue?", "Small molecules scatter it, 100% sure. 하늘은 파랗다.")

    assert bool(mine.list(search)) is found


def test_does_not_find_what_was_deleted(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "embarrassing")
    mine.delete_message(said[1].id)

    assert not mine.list("embarrassing")


def test_hides_a_deleted_conversation_until_it_is_restored(mine: ConversationRepository) -> None:
    said = ask(mine, "Hello")
    mine.delete(said[0].conversation_id)
    assert titles(mine) == []
    assert [found.title for found in mine.list(deleted=True)] == ["Hello"]

    mine.restore(said[0].conversation_id)

    assert titles(mine) == ["Hello"]


def test_restores_a_deleted_conversation_that_is_written_to(mine: ConversationRepository) -> None:
    said = ask(mine, "Hello")
    mine.delete(said[0].conversation_id)

    mine.append(said[0].conversation_id, said[0].id, "user", "Are you there?")
    mine.purge(older_than=timedelta(0))

    assert titles(mine) == ["Hello"]
    assert len(mine.messages(said[0].conversation_id)) == 2


def test_removes_old_deleted_conversations_with_their_runs(
    store: Store, mine: ConversationRepository
) -> None:
    run = Run("chat", "/chat/completions", {})
    RunRepository(store, "me").start(run)
    gone, kept = ask(mine, "gone"), ask(mine, "kept")
    mine.append(gone[0].conversation_id, gone[0].id, "assistant", "reply", run.id)
    mine.delete(gone[0].conversation_id)

    mine.purge(older_than=timedelta(days=1))
    assert mine.list(deleted=True)
    mine.purge(older_than=timedelta(0))

    assert not mine.list(deleted=True)
    assert RunRepository(store, "me").list() == []
    assert shown(mine, kept[0]) == ["kept"]


def test_branches_when_a_message_is_answered_again(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "answer", "thanks")
    other = mine.append(said[0].conversation_id, said[0].id, "assistant", "other answer")

    assert shown(mine, other) == ["question", "other answer"]
    assert mine.siblings(other.id) == [said[1].id, other.id]


def test_goes_back_to_the_end_of_another_branch(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "answer", "thanks")
    mine.append(said[0].conversation_id, said[0].id, "assistant", "other answer")

    mine.select_branch(said[1].id)

    assert shown(mine, said[0]) == ["question", "answer", "thanks"]


def test_deletes_a_message_with_all_below_it_and_undoes_that(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "answer", "follow-up", "more")
    mine.delete_message(said[2].id)
    assert shown(mine, said[0]) == ["question", "answer"]

    mine.restore_message(said[2].id)

    assert shown(mine, said[0]) == ["question", "answer", "follow-up", "more"]


def test_shows_the_other_answer_when_one_is_deleted(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "answer")
    other = mine.append(said[0].conversation_id, said[0].id, "assistant", "other answer")
    mine.delete_message(other.id)

    assert shown(mine, said[0]) == ["question", "answer"]
    assert mine.siblings(said[1].id) == [said[1].id]


def test_replaces_the_text_of_a_growing_reply(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "")
    mine.set_text(said[1].id, "안녕하세요, wor")

    assert shown(mine, said[0]) == ["question", "안녕하세요, wor"]


def test_pins_and_unpins(mine: ConversationRepository) -> None:
    said = ask(mine, "question")
    mine.pin(said[0].id)
    assert mine.message(said[0].id).pinned

    mine.pin(said[0].id, False)

    assert not mine.message(said[0].id).pinned


@pytest.mark.parametrize("text", ["\ud83d", "a\x00b", "\ude00\ud83d"], ids=["half", "NUL", "halves"])
def test_stores_text_that_was_cut_inside_a_character(mine: ConversationRepository, text: str) -> None:
    said = ask(mine, text, text)
    mine.set_text(said[1].id, text)

    assert "\ufffd" in mine.message(said[1].id).text


def test_puts_the_halves_of_a_character_together(mine: ConversationRepository) -> None:
    assert mine.message(ask(mine, "\ud83d\ude00")[0].id).text == "😀"


def test_refuses_a_parent_from_another_conversation(mine: ConversationRepository) -> None:
    said, other = ask(mine, "one"), ask(mine, "two")

    with pytest.raises(NotFound, match="not in this conversation"):
        mine.append(said[0].conversation_id, other[0].id, "user", "three")


def test_keeps_all_of_it_from_another_owner(store: Store, mine: ConversationRepository) -> None:
    said = ask(mine, "secret")
    other = ConversationRepository(store, "somebody else")

    assert other.list() == []
    assert other.list("secret") == []
    assert other.messages(said[0].conversation_id) == []
    assert other.all_siblings(said[0].conversation_id) == {}


FORBIDDEN = {
    "get": lambda other, said: other.get(said.conversation_id),
    "branch": lambda other, said: other.branch(said.conversation_id),
    "message": lambda other, said: other.message(said.id),
    "siblings": lambda other, said: other.siblings(said.id),
    "rename": lambda other, said: other.rename(said.conversation_id, "mine"),
    "delete": lambda other, said: other.delete(said.conversation_id),
    "restore": lambda other, said: other.restore(said.conversation_id),
    "append": lambda other, said: other.append(said.conversation_id, said.id, "user", "x"),
    "append first": lambda other, said: other.append(said.conversation_id, None, "user", "x"),
    "set_text": lambda other, said: other.set_text(said.id, "x"),
    "pin": lambda other, said: other.pin(said.id),
    "select": lambda other, said: other.select(said.id),
    "delete_message": lambda other, said: other.delete_message(said.id),
    "restore_message": lambda other, said: other.restore_message(said.id),
}


@pytest.mark.parametrize("attempt", FORBIDDEN)
def test_lets_no_other_owner_do(store: Store, mine: ConversationRepository, attempt: str) -> None:
    said = ask(mine, "secret")[0]

    with pytest.raises(NotFound):
        FORBIDDEN[attempt](ConversationRepository(store, "somebody else"), said)

    assert mine.messages(said.conversation_id) == [said]


def test_does_not_take_over_a_conversation_by_its_id(store: Store, mine: ConversationRepository) -> None:
    taken = mine.create()

    with pytest.raises(NotFound):
        ConversationRepository(store, "somebody else").add(taken, [])


def test_shows_a_branch_up_to_any_message(mine: ConversationRepository) -> None:
    said = ask(mine, "question", "answer", "follow-up")
    found = mine.branch(said[0].conversation_id, said[1].id)

    assert [message.text for message in found] == ["question", "answer"]
