"""How much is in a conversation, for a list of many."""

from core.conversations.repository import ConversationRepository
from core.conversations.stats import conversation_stats
from core.storage.store import Store


def test_counts_the_visible_messages_and_dates_the_newest(store: Store) -> None:
    kept = ConversationRepository(store)
    made = kept.create()
    first = kept.append(made.id, None, "user", "one")
    last = kept.append(made.id, first.id, "assistant", "two")
    kept.delete_message(kept.append(made.id, last.id, "user", "gone").id)

    [found] = conversation_stats(store, "local", [made.id]).values()

    assert (found.message_count, found.last_message_at) == (2, last.created_at)


def test_is_silent_about_empty_conversations_and_those_of_others(store: Store) -> None:
    empty = ConversationRepository(store).create()
    theirs = ConversationRepository(store, "another").create()
    ConversationRepository(store, "another").append(theirs.id, None, "user", "mine")

    assert conversation_stats(store, "local", [empty.id, theirs.id]) == {}
