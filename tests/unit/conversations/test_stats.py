"""Message counts and times of conversations."""

from core.conversations.repository import ConversationRepository
from core.conversations.stats import conversation_stats
from core.storage.store import Store


def test_returns_the_number_and_last_time_of_visible_messages(store: Store) -> None:
    conversations = ConversationRepository(store)
    conversation = conversations.create()
    first = conversations.append(conversation.id, None, "user", "one")
    last = conversations.append(conversation.id, first.id, "assistant", "two")
    conversations.delete_message(conversations.append(conversation.id, last.id, "user", "deleted").id)

    [stats] = conversation_stats(store, "local", [conversation.id]).values()

    assert (stats.message_count, stats.last_message_at) == (2, last.created_at)


def test_omits_empty_conversations_and_those_of_other_owners(store: Store) -> None:
    empty = ConversationRepository(store).create()
    others = ConversationRepository(store, "another")
    other_conversation = others.create()
    others.append(other_conversation.id, None, "user", "Hello")

    assert conversation_stats(store, "local", [empty.id, other_conversation.id]) == {}
