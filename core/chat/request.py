"""The request of a reply, by either API and with either way to give the model the conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.apis import APIS
from core.completions.request import ChatSettings, ConversationState
from core.conversations.messages import Message, Turn, api_messages
from core.generation.call import GenerationCall
from core.json_values import JsonObject, json_objects
from core.responses.call import ResponseCall
from core.responses.request import ENCRYPTED_REASONING
from core.responses.stored_response import NOT_STORED, continued_params, stored_response_id
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile
    from core.storage.run_repository import RunRepository

# The end of each note on why a request does not continue the previous response.
_WHOLE_CONVERSATION_SENT = "so the whole conversation was sent."
_EDITED = f"The reply differs from the response that the server stores, {_WHOLE_CONVERSATION_SENT}"


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """The parameters to send, the call that sends them, and what the user should know about them."""

    params: dict[str, Any]
    call: GenerationCall
    note: str = ""


def reply_request(
    settings: ChatSettings,
    turn: Turn,
    messages: Sequence[Mapping[str, Any]],
    runs: Mapping[str, Run],
    profile: "Profile",
) -> ReplyRequest:
    """Build the request with *messages*, the conversation as it fits into the context window.

    *runs* are those of `earlier_replies`, by id. If the last of them is a response that the server has
    stored, only what came after it is sent, and *messages* if the server no longer has it.
    """
    api = APIS[settings.api]
    params = api.params(settings.request_params(messages))
    if _replays_reasoning(settings) and isinstance(params["input"], list):
        params["input"] = _with_reasoning(params["input"], turn, runs, profile)
    replies = [message for message in turn.history if message.role == "assistant"]
    if not (settings.continues_response and replies):
        return ReplyRequest(params, api.new_call())
    run = runs.get(replies[-1].run_id or "")
    response_id = stored_response_id(run, profile)
    if run is None or response_id is None:
        return ReplyRequest(params, api.new_call(), NOT_STORED)
    if _is_edited(replies[-1], run):
        return ReplyRequest(params, api.new_call(), _EDITED)
    # Instructions are not carried over from the previous response.
    whole_input = params.pop("input")
    news = settings.messages([*api_messages(_after_reply(turn)), *turn.extra_messages])
    continued = continued_params(api.params(settings.request_params(news)), response_id)
    return ReplyRequest(continued, ResponseCall(whole_input))


def earlier_replies(settings: ChatSettings, turn: Turn) -> list[str]:
    """Return the runs whose responses the request of *turn* needs: the last one, all of them, or none."""
    run_ids = [message.run_id for message in turn.history if message.role == "assistant"]
    needed = run_ids if _replays_reasoning(settings) else []
    if settings.continues_response:
        needed = run_ids[-1:]
    return [run_id for run_id in needed if run_id]


def stored_reply(
    settings: ChatSettings, branch: Sequence[Message], runs: "RunRepository", profile: "Profile"
) -> Run | None:
    """Return the run of the last reply of *branch* if the next message is sent with its id alone.

    A reply under way counts as stored. Reads the database: call it off the event loop.
    """
    replies = [message for message in branch if message.role == "assistant"]
    run_id = replies[-1].run_id if replies else None
    if not (settings.continues_response and run_id):
        return None
    run = runs.get_many([run_id]).get(run_id)
    if run is not None and run.state is RunState.RUNNING:
        return run if run.endpoint == ResponseCall.endpoint else None
    is_stored = run and stored_response_id(run, profile) and not _is_edited(replies[-1], run)
    return run if is_stored else None


def conversation_state(run: Run) -> ConversationState:
    """Return where the earlier messages of the request of *run* were meant to be.

    A request without the ID of a response was to continue one if a note says why it did not. That of a first
    message is the same in both states, so "messages" is returned.
    """
    continues = "previous_response_id" in run.params or _WHOLE_CONVERSATION_SENT in run.note
    return "previous_response_id" if continues else "messages"


def continues_stored_response(
    settings: ChatSettings, branch: Sequence[Message], runs: "RunRepository", profile: "Profile"
) -> bool:
    """Whether the next message after *branch* is sent with the id of the last reply alone."""
    return stored_reply(settings, branch, runs, profile) is not None


def _replays_reasoning(settings: ChatSettings) -> bool:
    includes = settings.api == "responses" and ENCRYPTED_REASONING in settings.supported_include
    return includes and settings.state == "messages"


def _with_reasoning(
    items: Sequence[Any], turn: Turn, runs: Mapping[str, Run], profile: "Profile"
) -> list[Any]:
    """Replace replies by the output that they come from, if that has encrypted reasoning of this server."""
    replies = [message for message in turn.history if message.role == "assistant"]
    groups: list[list[Any]] = []
    # From the end, because the messages that do not fit into the context window are the first.
    for item in reversed(items):
        content = item.get("content") if item.get("role") == "assistant" else None
        positions = reversed(range(len(replies)))
        position = next((at for at in positions if replies[at].content == content), None)
        group = [item]
        if position is not None:
            reply, replies = replies[position], replies[:position]
            group = _reasoned_output(reply, runs.get(reply.run_id or ""), profile) or group
        groups.append(group)
    return [item for group in reversed(groups) for item in group]


def _reasoned_output(reply: Message, run: Run | None, profile: "Profile") -> list[JsonObject]:
    """Return the output of *run*, from which *reply* comes; nothing if it has no reasoning for this server.

    A reply that was edited or continued since has another text.
    """
    if run is None or run.state is not RunState.DONE:
        return []
    if run.base_url != profile.base_url or run.text != reply.content:
        return []
    output = json_objects((run.response or {}).get("output"))
    return output if any(item.get("encrypted_content") for item in output) else []


def _after_reply(turn: Turn) -> Sequence[Any]:
    numbers = [number for number, message in enumerate(turn.history) if message.role == "assistant"]
    return turn.history[numbers[-1] + 1 :]


def _is_edited(reply: Message, run: Run) -> bool:
    """Whether *reply* has another text than its run; one that was continued ends with that text."""
    return not reply.text.endswith(run.text) or bool(reply.text and not run.text)
