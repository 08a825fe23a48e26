"""The number of messages in conversations."""

from core.conversations.message_counts import message_counts
from core.conversations.repository import ConversationRepository
from core.storage.store import Store


def test_returns_the_number_of_visible_messages(store: Store) -> None:
    conversations = ConversationRepository(store)
    conversation = conversations.create()
    first = conversations.append(conversation.id, None, "user", "one")
    last = conversations.append(conversation.id, first.id, "assistant", "two")
    conversations.delete_message(conversations.append(conversation.id, last.id, "user", "deleted").id)

    assert message_counts(store, "local", [conversation.id]) == {conversation.id: 2}


def test_omits_empty_conversations_and_those_of_other_owners(store: Store) -> None:
    empty = ConversationRepository(store).create()
    others = ConversationRepository(store, "another")
    other_conversation = others.create()
    others.append(other_conversation.id, None, "user", "Hello")

    assert message_counts(store, "local", [empty.id, other_conversation.id]) == {}
