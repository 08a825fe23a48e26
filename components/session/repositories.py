"""What this session's owner has kept. The database loads at its first use: no page waits for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session
from core.conversations.messages import Message
from core.errors.types import NotFound

if TYPE_CHECKING:
    from core.conversations.repository import ConversationRepository
    from core.conversations.stats import ConversationStats
    from core.prompts.repository import PromptRepository
    from core.storage.run_repository import RunRepository


def conversation_repository() -> "ConversationRepository":
    """All of them, shown or deleted."""
    from core.conversations.repository import ConversationRepository

    return ConversationRepository(resources.store(), session.OWNER)


def current_branch() -> list[Message]:
    """The messages of the conversation on show; none before its first question."""
    try:
        return conversation_repository().branch(session.conversation())
    except NotFound:
        return []


def conversation_stats(conversation_ids: Sequence[str]) -> "dict[str, ConversationStats]":
    """How much is in conversations, by their ids."""
    from core.conversations.stats import conversation_stats

    return conversation_stats(resources.store(), session.OWNER, conversation_ids)


def run_repository() -> "RunRepository":
    """All calls of every capability."""
    from core.storage.run_repository import RunRepository

    return RunRepository(resources.store(), session.OWNER)


def prompt_repository() -> "PromptRepository":
    """The saved ones, without the presets."""
    from core.prompts.repository import PromptRepository

    return PromptRepository(resources.store(), session.OWNER)
