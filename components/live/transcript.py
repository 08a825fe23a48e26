"""The conversation on a desk, as its component shows it, and what its buttons change."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from components.live.views import View, gauge_view, message_view, totals
from components.runtime import resources
from components.session.live_session import Desk
from core.chat import service as chat_service
from core.conversations.messages import Message, NotFound, wire_messages
from core.conversations.repository import Conversations
from core.conversations.turn_service import Turns
from core.errors.types import PlaygroundError
from core.runs.run import Run
from core.storage.run_repository import Runs

_log = logging.getLogger(__name__)


class Moved(PlaygroundError):
    """The browser shows another conversation than the desk: a rerun of the page is under way."""


def check_place(desk: Desk, conversation: object) -> None:
    """Raise Moved when the browser says that it shows a *conversation* that is not the desk's."""
    if conversation not in (None, desk.conversation):
        raise Moved("The page is changing to another conversation", "Send it again in a moment.")


def turns(desk: Desk) -> Turns:
    """The conversations of the desk's owner."""
    return Turns(Conversations(resources.store(), desk.owner), Runs(resources.store(), desk.owner))


def transcript(desk: Desk) -> View:
    """All that is on show; a conversation that was never written to is empty."""
    kept = turns(desk)
    try:
        found = kept.conversations.get(desk.conversation)
    except NotFound:
        return _view(desk.conversation, "", [], [], None)
    branch = kept.conversations.branch(found.id)
    siblings = kept.conversations.all_siblings(found.id)
    runs = _runs(kept, branch)
    dropped = _dropped(desk, branch)
    views = [
        message_view(_at_start(m), runs.get(m.run_id or ""), siblings.get(m.id, ()), m.id in dropped)
        for m in branch
    ]
    running = next((run.id for run in runs.values() if resources.jobs.get(run.id)), None)
    everything = kept.runs.outlines(kept.conversations.run_ids(found.id))
    return _view(found.id, found.title, views, totals(list(everything.values())), running)


def _at_start(message: Message) -> Message:
    """A reply under way as it was before its run: a follower gets all the rest from the run."""
    job = resources.jobs.get(message.run_id or "")
    return replace(message, content=job.prefix) if job else message


def _dropped(desk: Desk, branch: list[Message]) -> set[str]:
    """The ids of the messages that the next request would leave out."""
    if desk.settings is None or chat_service.surely_fits(desk.settings, desk.plan, wire_messages(branch)):
        return set()
    return {message.id for message in chat_service.prepare(desk.settings, desk.plan, branch).dropped}


def _runs(kept: Turns, branch: list[Message]) -> dict[str, Run]:
    """The runs behind the branch; one under way is told as it stands now."""
    found = kept.runs.outlines([message.run_id for message in branch if message.run_id])
    live = {run_id: job.log.snapshot() for run_id in found if (job := resources.jobs.get(run_id))}
    return {**found, **live}


def gauge(desk: Desk, draft: str, images: Sequence[tuple[int, int]] = ()) -> View | None:
    """How full the context window would be with *draft* and *images* of those sizes sent now."""
    if desk.settings is None:
        return None
    try:
        branch = turns(desk).conversations.branch(desk.conversation)
    except NotFound:
        branch = []
    try:
        return gauge_view(chat_service.gauge(desk.settings, desk.plan, branch, draft, images), desk.settings)
    except PlaygroundError as missing:
        _log.warning("No estimate: %s %s", missing, missing.hint)
        return None


def change(desk: Desk, message_id: str, what: str) -> None:
    """Do what a button of a message says. Raises NotFound for messages of others."""
    conversations = turns(desk).conversations
    message = conversations.message(message_id)
    changes: dict[str, Any] = {
        "delete": lambda: conversations.delete_message(message_id),
        "restore": lambda: conversations.restore_message(message_id),
        "select": lambda: conversations.select(message_id),
        "pin": lambda: conversations.pin(message_id, not message.pinned),
    }
    if what not in changes:
        raise PlaygroundError("The page asked for something unknown", "Reload it.")
    changes[what]()


def _view(
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
