"""Conversations of one owner are hidden from others."""

import pytest

from core.conversations.repository import ConversationRepository
from core.errors.types import NotFound
from core.storage.store import Store
from tests.unit.conversations.sample_conversation import add_conversation


@pytest.fixture
def conversations(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


def test_hides_conversations_from_another_owner(store: Store, conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "secret")
    other = ConversationRepository(store, "somebody else")

    assert other.list() == []
    assert other.list("secret") == []
    assert other.messages(messages[0].conversation_id) == []
    assert other.all_siblings(messages[0].conversation_id) == {}


OPERATIONS = {
    "get": lambda repository, message: repository.get(message.conversation_id),
    "branch": lambda repository, message: repository.branch(message.conversation_id),
    "message": lambda repository, message: repository.message(message.id),
    "siblings": lambda repository, message: repository.siblings(message.id),
    "rename": lambda repository, message: repository.rename(message.conversation_id, "mine"),
    "delete": lambda repository, message: repository.delete(message.conversation_id),
    "restore": lambda repository, message: repository.restore(message.conversation_id),
    "append": lambda repository, message: repository.append(message.conversation_id, message.id, "user", "x"),
    "append first": lambda repository, message: repository.append(message.conversation_id, None, "user", "x"),
    "set_text": lambda repository, message: repository.set_text(message.id, "x"),
    "pin": lambda repository, message: repository.pin(message.conversation_id),
    "pin_message": lambda repository, message: repository.pin_message(message.id),
    "select_branch": lambda repository, message: repository.select_branch(message.id),
    "delete_message": lambda repository, message: repository.delete_message(message.id),
    "restore_message": lambda repository, message: repository.restore_message(message.id),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_rejects_an_operation_of_another_owner(
    store: Store, conversations: ConversationRepository, operation: str
) -> None:
    message = add_conversation(conversations, "secret")[0]

    with pytest.raises(NotFound):
        OPERATIONS[operation](ConversationRepository(store, "somebody else"), message)

    assert conversations.messages(message.conversation_id) == [message]


def test_rejects_a_conversation_id_of_another_owner(
    store: Store, conversations: ConversationRepository
) -> None:
    existing = conversations.create()

    with pytest.raises(NotFound):
        ConversationRepository(store, "somebody else").add(existing, [])
