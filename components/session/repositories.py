"""The repositories of this session's owner. They import the database when they are first used."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from components.runtime import resources
from components.session import session
from core.conversations.messages import Message
from core.errors.types import NotFound
from core.json_values import JsonObject

if TYPE_CHECKING:
    from core.conversations.repository import ConversationRepository
    from core.prompts.repository import PromptRepository
    from core.resilience.saved_experiments import SavedExperiments
    from core.storage.run_repository import RunRepository
    from core.storage.saved_drafts import SavedDrafts
    from core.tools.definitions.repository import ToolRepository


def conversation_repository() -> "ConversationRepository":
    from core.conversations.repository import ConversationRepository

    return ConversationRepository(resources.store(), session.OWNER)


def new_conversation(title: str, messages: Iterable[JsonObject]) -> str:
    """Create a conversation with *messages*, one after the other, and return its id."""
    conversations, parent_id = conversation_repository(), None
    conversation_id = conversations.create(title).id
    for message in messages:
        parent_id = conversations.append(conversation_id, parent_id, message["role"], message["content"]).id
    return conversation_id


def current_branch() -> list[Message]:
    """Return the messages of the open conversation; none before its first one is sent."""
    try:
        return conversation_repository().branch(session.conversation())
    except NotFound:
        return []


def message_counts(conversation_ids: Sequence[str]) -> dict[str, int]:
    """Return the number of messages of conversations that have any, by id."""
    from core.conversations.message_counts import message_counts

    return message_counts(resources.store(), session.OWNER, conversation_ids)


def run_repository() -> "RunRepository":
    """Return the repository of the runs of every page."""
    from core.storage.run_repository import RunRepository

    return RunRepository(resources.store(), session.OWNER)


def saved_experiments() -> "SavedExperiments":
    """Return the last experiments of the Resilience page."""
    from core.resilience.saved_experiments import SavedExperiments

    return SavedExperiments(resources.store(), session.OWNER)


def saved_drafts(page: str) -> "SavedDrafts":
    """Return what was open on *page*, by id."""
    from core.storage.saved_drafts import SavedDrafts

    return SavedDrafts(resources.store(), page, session.OWNER)


def prompt_repository() -> "PromptRepository":
    """Return the repository of saved prompts; presets are not in it."""
    from core.prompts.repository import PromptRepository

    return PromptRepository(resources.store(), session.OWNER)


def tool_repository() -> "ToolRepository":
    """Return the repository of declared tools; those of the library are not in it."""
    from core.tools.definitions.repository import ToolRepository

    return ToolRepository(resources.store(), session.OWNER)
