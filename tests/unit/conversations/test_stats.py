"""How much is in a conversation, for a list of many."""

from core.conversations.repository import Conversations
from core.conversations.stats import activity
from core.storage.store import Store


def test_counts_the_visible_messages_and_dates_the_newest(store: Store) -> None:
    kept = Conversations(store)
    made = kept.create()
    first = kept.append(made.id, None, "user", "one")
    last = kept.append(made.id, first.id, "assistant", "two")
    kept.delete_message(kept.append(made.id, last.id, "user", "gone").id)

    [found] = activity(store, "local", [made.id]).values()

    assert (found.messages, found.last_at) == (2, last.created_at)


def test_is_silent_about_empty_conversations_and_those_of_others(store: Store) -> None:
    empty = Conversations(store).create()
    theirs = Conversations(store, "another").create()
    Conversations(store, "another").append(theirs.id, None, "user", "mine")

    assert activity(store, "local", [empty.id, theirs.id]) == {}
