"""A conversation as a reader sees it: the selected branch with the run behind each reply."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.calls import CallService
from core.chat.context import fits_without_counting, prepare_request
from core.chat.request import continues_stored_response
from core.completions.request import ChatSettings
from core.conversations.messages import Message, api_messages
from core.conversations.repository import ConversationRepository
from core.conversations.turn_service import turn_service
from core.errors.types import NotFound, PlaygroundError
from core.runs.run import Run
from core.tokens.context_window import TrimOptions

if TYPE_CHECKING:
    from core.client.profile import Profile


@dataclass(frozen=True, slots=True)
class TranscriptMessage:
    """A message, its run if it is a reply, its branches, and whether the next request would drop it."""

    message: Message
    run: Run | None
    siblings: Sequence[str]
    is_dropped: bool


@dataclass(frozen=True, slots=True)
class Transcript:
    """*running* is the run that is under way; *runs* are those of all branches, for the totals."""

    conversation_id: str
    title: str = ""
    messages: Sequence[TranscriptMessage] = ()
    running: str | None = None
    runs: Sequence[Run] = ()


def load_transcript(
    calls: CallService,
    conversation_id: str,
    settings: ChatSettings | None,
    trim: TrimOptions,
    profile: "Profile | None" = None,
) -> Transcript:
    """Load the selected branch of a conversation; one without messages does not exist yet and is empty.

    Nothing is dropped if the next request continues a response that the server of *profile* has stored.
    Reads the database: call it off the event loop.
    """
    turns = turn_service(calls.open_store(), calls.owner)
    try:
        conversation = turns.conversations.get(conversation_id)
    except NotFound:
        return Transcript(conversation_id)
    branch = turns.conversations.branch(conversation.id)
    siblings = turns.conversations.all_siblings(conversation.id)
    runs = calls.current_runs([message.run_id for message in branch if message.run_id])
    dropped: set[str] = set()
    if settings is not None and not fits_without_counting(settings, trim, api_messages(branch)):
        is_continued = profile and continues_stored_response(settings, branch, turns.runs, profile)
        if not is_continued:
            dropped = {message.id for message in prepare_request(settings, trim, branch).dropped}
    messages = []
    for message in branch:
        run_id = message.run_id or ""
        job = calls.jobs.get(run_id)
        # A reply under way is without the text of its run: a follower gets all of that from the log.
        shown = replace(message, content=job.prefix) if job else message
        is_dropped = message.id in dropped
        messages.append(TranscriptMessage(shown, runs.get(run_id), siblings.get(message.id, ()), is_dropped))
    running = next((run_id for run_id in runs if calls.jobs.get(run_id)), None)
    all_runs = turns.runs.summaries(turns.conversations.run_ids(conversation.id))
    return Transcript(conversation.id, conversation.title, messages, running, list(all_runs.values()))


def load_reply(calls: CallService, conversation_id: str, message_id: str) -> Transcript | None:
    """Load only the reply *message_id*, which has ended, with the runs for the totals.

    None if it is not the last message of the selected branch: then the whole transcript is needed. Reads the
    database: call it off the event loop.
    """
    turns = turn_service(calls.open_store(), calls.owner)
    try:
        conversation = turns.conversations.get(conversation_id)
    except NotFound:
        return None
    if conversation.leaf_id != message_id:
        return None
    reply = turns.conversations.message(message_id)
    siblings = turns.conversations.all_siblings(conversation.id).get(message_id, ())
    runs = turns.runs.summaries(turns.conversations.run_ids(conversation.id))
    # The last message is never left out of the next request, unless it is larger than the context window.
    entry = TranscriptMessage(reply, runs.get(reply.run_id or ""), siblings, is_dropped=False)
    return Transcript(conversation.id, conversation.title, [entry], runs=list(runs.values()))


def apply_message_action(conversations: ConversationRepository, message_id: str, action: str) -> None:
    """Delete, restore, select or pin a message. Raises NotFound for a message of another owner."""
    message = conversations.message(message_id)
    match action:
        case "delete":
            conversations.delete_message(message_id)
        case "restore":
            conversations.restore_message(message_id)
        case "select":
            conversations.select_branch(message_id)
        case "pin":
            conversations.pin_message(message_id, not message.pinned)
        case _:
            raise PlaygroundError("The page sent an unknown action", "Reload it.")
