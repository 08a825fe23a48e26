"""What this session's owner has kept. The database loads at its first use: no page waits for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session
from core.conversations.messages import Message, NotFound

if TYPE_CHECKING:
    from core.conversations.repository import Conversations
    from core.conversations.stats import Activity
    from core.prompts.repository import SavedPrompts
    from core.storage.run_repository import Runs


def conversations() -> "Conversations":
    """All of them, shown or deleted."""
    from core.conversations.repository import Conversations

    return Conversations(resources.store(), session.OWNER)


def branch() -> list[Message]:
    """The messages of the conversation on show; none before its first question."""
    try:
        return conversations().branch(session.conversation())
    except NotFound:
        return []


def activity(conversation_ids: Sequence[str]) -> "dict[str, Activity]":
    """How much is in conversations, by their ids."""
    from core.conversations.stats import activity

    return activity(resources.store(), session.OWNER, conversation_ids)


def runs() -> "Runs":
    """All calls of every capability."""
    from core.storage.run_repository import Runs

    return Runs(resources.store(), session.OWNER)


def prompts() -> "SavedPrompts":
    """The saved ones, without the presets."""
    from core.prompts.repository import SavedPrompts

    return SavedPrompts(resources.store(), session.OWNER)
