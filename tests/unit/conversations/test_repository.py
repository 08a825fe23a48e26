"""Storage of conversations and their messages."""

from datetime import timedelta
from typing import Any

import pytest

from core.conversations.messages import Message
from core.conversations.repository import ConversationRepository
from core.errors.types import NotFound
from core.runs.run import Run
from core.storage.run_repository import RunRepository
from core.storage.store import Store
from tests.unit.conversations.sample_conversation import add_conversation


@pytest.fixture
def conversations(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


def branch_texts(conversations: ConversationRepository, message: Message) -> list[str]:
    return [item.text for item in conversations.branch(message.conversation_id)]


def titles(conversations: ConversationRepository, search: str = "") -> list[str]:
    return [conversation.title for conversation in conversations.list(search)]


def test_returns_messages_in_the_order_they_were_added(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "Hello", "Hi", "How are you?")

    assert branch_texts(conversations, messages[0]) == ["Hello", "Hi", "How are you?"]


def test_returns_a_message_unchanged(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "Hello")

    assert conversations.message(messages[0].id) == messages[0]


def test_stores_content_parts_with_their_images(conversations: ConversationRepository) -> None:
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:,x"}},
    ]
    message = conversations.append(conversations.create().id, None, "user", parts)

    assert conversations.message(message.id).content == parts
    assert conversations.list("What is this")
    assert not conversations.list("image_url")


def test_titles_a_conversation_by_the_first_line_of_its_first_question(
    conversations: ConversationRepository,
) -> None:
    add_conversation(conversations, "  Why is\tthe sky blue?\nI wonder.", "Because", "And the sea?")

    assert titles(conversations) == ["Why is the sky blue?"]


def test_truncates_a_long_title(conversations: ConversationRepository) -> None:
    add_conversation(conversations, "word " * 100)

    assert len(titles(conversations)[0]) <= 60
    assert titles(conversations)[0].endswith("…")


def test_keeps_a_title_given_by_the_user(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "Hello")
    conversations.rename(messages[0].conversation_id, "Sky\nand sea")

    conversations.append(messages[0].conversation_id, messages[0].id, "user", "Another question")

    assert titles(conversations) == ["Sky and sea"]


def test_lists_the_last_used_first(conversations: ConversationRepository) -> None:
    old = add_conversation(conversations, "old")
    add_conversation(conversations, "new")
    assert titles(conversations) == ["new", "old"]

    conversations.append(old[0].conversation_id, old[0].id, "assistant", "still here")

    assert titles(conversations) == ["old", "new"]


def test_lists_pinned_conversations_first(conversations: ConversationRepository) -> None:
    pinned, also_pinned, _ = (add_conversation(conversations, text)[0] for text in ("a", "b", "c"))
    conversations.pin(pinned.conversation_id)
    conversations.pin(also_pinned.conversation_id)
    assert titles(conversations) == ["b", "a", "c"]

    conversations.pin(also_pinned.conversation_id, False)

    assert titles(conversations) == ["a", "c", "b"]


def test_has_the_time_of_the_last_message(conversations: ConversationRepository) -> None:
    last = add_conversation(conversations, "Hello", "Hi")[-1]

    assert conversations.get(last.conversation_id).used_at == last.created_at


def test_lists_a_page_at_a_time(conversations: ConversationRepository) -> None:
    for number in range(5):
        add_conversation(conversations, f"question {number}")

    assert [conversation.title for conversation in conversations.list(limit=2, offset=2)] == [
        "question 2",
        "question 1",
    ]


def test_hides_a_deleted_conversation_until_it_is_restored(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "Hello")
    conversations.delete(messages[0].conversation_id)
    assert titles(conversations) == []
    assert [conversation.title for conversation in conversations.list(deleted=True)] == ["Hello"]

    conversations.restore(messages[0].conversation_id)

    assert titles(conversations) == ["Hello"]


def test_restores_a_deleted_conversation_when_a_message_is_added(
    conversations: ConversationRepository,
) -> None:
    messages = add_conversation(conversations, "Hello")
    conversations.delete(messages[0].conversation_id)

    conversations.append(messages[0].conversation_id, messages[0].id, "user", "Are you there?")
    conversations.purge(older_than=timedelta(0))

    assert titles(conversations) == ["Hello"]
    assert len(conversations.messages(messages[0].conversation_id)) == 2


def test_purges_old_deleted_conversations_with_their_runs(
    store: Store, conversations: ConversationRepository
) -> None:
    run = Run("chat", "/chat/completions", {})
    RunRepository(store, "me").save(run)
    deleted = add_conversation(conversations, "deleted")
    remaining = add_conversation(conversations, "remaining")
    conversations.append(deleted[0].conversation_id, deleted[0].id, "assistant", "reply", run.id)
    conversations.delete(deleted[0].conversation_id)

    conversations.purge(older_than=timedelta(days=1))
    assert conversations.list(deleted=True)
    conversations.purge(older_than=timedelta(0))

    assert not conversations.list(deleted=True)
    assert RunRepository(store, "me").list() == []
    assert branch_texts(conversations, remaining[0]) == ["remaining"]


def test_adds_a_branch_for_a_second_answer(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "answer", "thanks")
    other = conversations.append(messages[0].conversation_id, messages[0].id, "assistant", "other answer")

    assert branch_texts(conversations, other) == ["question", "other answer"]
    assert conversations.siblings(other.id) == [messages[1].id, other.id]


def test_selects_the_leaf_of_another_branch(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "answer", "thanks")
    conversations.append(messages[0].conversation_id, messages[0].id, "assistant", "other answer")

    conversations.select_branch(messages[1].id)

    assert branch_texts(conversations, messages[0]) == ["question", "answer", "thanks"]


def test_deletes_and_restores_a_message_with_its_descendants(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "answer", "follow-up", "more")
    conversations.delete_message(messages[2].id)
    assert branch_texts(conversations, messages[0]) == ["question", "answer"]

    conversations.restore_message(messages[2].id)

    assert branch_texts(conversations, messages[0]) == ["question", "answer", "follow-up", "more"]


def test_selects_the_sibling_of_a_deleted_answer(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "answer")
    other = conversations.append(messages[0].conversation_id, messages[0].id, "assistant", "other answer")
    conversations.delete_message(other.id)

    assert branch_texts(conversations, messages[0]) == ["question", "answer"]
    assert conversations.siblings(messages[1].id) == [messages[1].id]


def test_replaces_the_text_of_a_reply(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "")
    conversations.set_text(messages[1].id, "안녕하세요, wor")

    assert branch_texts(conversations, messages[0]) == ["question", "안녕하세요, wor"]


def test_pins_and_unpins_a_message(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question")
    conversations.pin_message(messages[0].id)
    assert conversations.message(messages[0].id).pinned

    conversations.pin_message(messages[0].id, False)

    assert not conversations.message(messages[0].id).pinned


def test_rejects_a_parent_from_another_conversation(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "one")
    other_messages = add_conversation(conversations, "two")

    with pytest.raises(NotFound, match="not in this conversation"):
        conversations.append(messages[0].conversation_id, other_messages[0].id, "user", "three")


@pytest.mark.parametrize(
    "text", ["\ud83d", "a\x00b", "\ude00\ud83d"], ids=["high surrogate", "NUL", "reversed surrogates"]
)
def test_replaces_lone_surrogates_and_nul(conversations: ConversationRepository, text: str) -> None:
    messages = add_conversation(conversations, text, text)
    conversations.set_text(messages[1].id, text)

    assert "\ufffd" in conversations.message(messages[1].id).text


def test_combines_a_surrogate_pair(conversations: ConversationRepository) -> None:
    assert conversations.message(add_conversation(conversations, "\ud83d\ude00")[0].id).text == "😀"


def test_returns_a_branch_up_to_any_message(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "answer", "follow-up")
    branch = conversations.branch(messages[0].conversation_id, messages[1].id)

    assert [message.text for message in branch] == ["question", "answer"]
