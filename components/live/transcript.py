"""The conversation on a desk, as its component shows it, and what its buttons change."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from components.live.views import View, context_usage_view, message_view, totals
from components.runtime import resources
from components.session.live_session import LiveSession
from core.chat import service as chat_service
from core.conversations.messages import Message, NotFound, api_messages
from core.conversations.repository import ConversationRepository
from core.conversations.turn_service import TurnService
from core.errors.types import PlaygroundError
from core.runs.run import Run
from core.storage.run_repository import RunRepository

_log = logging.getLogger(__name__)


class ConversationChanged(PlaygroundError):
    """The browser shows another conversation than the desk: a rerun of the page is under way."""


def ensure_same_conversation(desk: LiveSession, conversation: object) -> None:
    """Raise Moved when the browser says that it shows a *conversation* that is not the desk's."""
    if conversation not in (None, desk.conversation):
        raise ConversationChanged(
            "The page is changing to another conversation", "Send it again in a moment."
        )


def turn_service(desk: LiveSession) -> TurnService:
    """The conversations of the desk's owner."""
    return TurnService(
        ConversationRepository(resources.store(), desk.owner), RunRepository(resources.store(), desk.owner)
    )


def transcript(desk: LiveSession) -> View:
    """All that is on show; a conversation that was never written to is empty."""
    kept = turn_service(desk)
    try:
        found = kept.conversations.get(desk.conversation)
    except NotFound:
        return _transcript_view(desk.conversation, "", [], [], None)
    branch = kept.conversations.branch(found.id)
    siblings = kept.conversations.all_siblings(found.id)
    runs = _runs(kept, branch)
    dropped = _dropped_ids(desk, branch)
    views = [
        message_view(_before_run(m), runs.get(m.run_id or ""), siblings.get(m.id, ()), m.id in dropped)
        for m in branch
    ]
    running = next((run.id for run in runs.values() if resources.jobs.get(run.id)), None)
    everything = kept.runs.summaries(kept.conversations.run_ids(found.id))
    return _transcript_view(found.id, found.title, views, totals(list(everything.values())), running)


def _before_run(message: Message) -> Message:
    """A reply under way as it was before its run: a follower gets all the rest from the run."""
    job = resources.jobs.get(message.run_id or "")
    return replace(message, content=job.prefix) if job else message


def _dropped_ids(desk: LiveSession, branch: list[Message]) -> set[str]:
    """The ids of the messages that the next request would leave out."""
    if desk.settings is None or chat_service.fits_without_counting(
        desk.settings, desk.trim, api_messages(branch)
    ):
        return set()
    return {message.id for message in chat_service.prepare_request(desk.settings, desk.trim, branch).dropped}


def _runs(kept: TurnService, branch: list[Message]) -> dict[str, Run]:
    """The runs behind the branch; one under way is told as it stands now."""
    found = kept.runs.summaries([message.run_id for message in branch if message.run_id])
    live = {run_id: job.log.snapshot() for run_id in found if (job := resources.jobs.get(run_id))}
    return {**found, **live}


def context_usage(desk: LiveSession, draft: str, images: Sequence[tuple[int, int]] = ()) -> View | None:
    """How full the context window would be with *draft* and *images* of those sizes sent now."""
    if desk.settings is None:
        return None
    try:
        branch = turn_service(desk).conversations.branch(desk.conversation)
    except NotFound:
        branch = []
    try:
        return context_usage_view(
            chat_service.context_usage(desk.settings, desk.trim, branch, draft, images), desk.settings
        )
    except PlaygroundError as missing:
        _log.warning("No estimate: %s %s", missing, missing.hint)
        return None


def apply_message_action(desk: LiveSession, message_id: str, what: str) -> None:
    """Do what a button of a message says. Raises NotFound for messages of others."""
    conversations = turn_service(desk).conversations
    message = conversations.message(message_id)
    changes: dict[str, Any] = {
        "delete": lambda: conversations.delete_message(message_id),
        "restore": lambda: conversations.restore_message(message_id),
        "select": lambda: conversations.select_branch(message_id),
        "pin": lambda: conversations.pin(message_id, not message.pinned),
    }
    if what not in changes:
        raise PlaygroundError("The page asked for something unknown", "Reload it.")
    changes[what]()


def _transcript_view(
    conversation: str,
    title: str,
    messages: list[View],
    sums: list[View],
    running: str | None,
) -> View:
    return {
        "conversation": {"id": conversation, "title": title},
        "messages": messages,
        "running": running,
        "totals": sums,
        "notice": resources.store().problem or resources.store().notice,
    }
