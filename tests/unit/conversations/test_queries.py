"""Search for conversations."""

import unicodedata

import pytest

from core.conversations.repository import ConversationRepository
from core.storage.store import Store
from tests.unit.conversations.sample_conversation import add_conversation


@pytest.fixture
def conversations(store: Store) -> ConversationRepository:
    return ConversationRepository(store, "me")


@pytest.mark.parametrize(
    ("search", "matches"),
    [
        pytest.param("sky", True, id="in the title"),
        pytest.param("scatter", True, id="in a reply"),
        pytest.param("SCATTER", True, id="in capitals"),
        pytest.param("하늘", True, id="Korean"),
        pytest.param(unicodedata.normalize("NFD", "하늘"), True, id="decomposed Korean"),
        pytest.param("100%", True, id="a percent sign"),
        pytest.param("1_0", False, id="an underscore is no wildcard"),
        pytest.param("%", True, id="a lone percent sign"),
        pytest.param("sea", False, id="no match"),
        pytest.param("'; DROP TABLE messages; --", False, id="SQL"),
    ],
)
def test_searches_titles_and_texts(conversations: ConversationRepository, search: str, matches: bool) -> None:
    add_conversation(
        conversations, "Why is the sky blue?", "Small molecules scatter it, 100% sure. 하늘은 파랗다."
    )

    assert bool(conversations.list(search)) is matches


def test_does_not_search_deleted_messages(conversations: ConversationRepository) -> None:
    messages = add_conversation(conversations, "question", "embarrassing")
    conversations.delete_message(messages[1].id)

    assert not conversations.list("embarrassing")
