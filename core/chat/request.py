"""The request of a reply, by either API and with either way to give the model the conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.apis import APIS
from core.completions.request import ChatSettings
from core.conversations.messages import Turn, api_messages
from core.generation.call import GenerationCall
from core.responses.call import ResponseCall
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from core.client.profile import Profile


@dataclass(frozen=True, slots=True)
class ReplyRequest:
    """The parameters to send, and the call that sends them."""

    params: dict[str, Any]
    call: GenerationCall


def reply_request(
    settings: ChatSettings,
    turn: Turn,
    messages: Sequence[Mapping[str, Any]],
    previous: Run | None,
    profile: "Profile",
) -> ReplyRequest:
    """Build the request with *messages*, the conversation as it fits into the context window.

    If *previous*, the run of the reply before the question, is a response that the server has stored, only
    what came after it is sent, and *messages* if the server no longer has it.
    """
    api = APIS[settings.api]
    params = api.params(settings.request_params(messages))
    response_id = _stored_response(previous, profile) if continues_response(settings) else None
    if response_id is None:
        return ReplyRequest(params, api.new_call())
    # Instructions are not carried over from the previous response.
    whole_input = params.pop("input")
    news = settings.messages([*api_messages(_after_reply(turn)), *turn.extra_messages])
    continued = api.params(settings.request_params(news))
    ordered = {"model": continued.pop("model"), "previous_response_id": response_id, **continued}
    return ReplyRequest(ordered, ResponseCall(whole_input))


def continues_response(settings: ChatSettings) -> bool:
    """Whether the request shall name the previous response instead of containing the conversation."""
    return settings.api == "responses" and settings.state == "previous_response_id"


def previous_reply(turn: Turn) -> str | None:
    """Return the run of the last reply before the question of *turn*."""
    replies = (message for message in reversed(turn.history) if message.role == "assistant")
    reply = next(replies, None)
    return reply.run_id if reply else None


def _after_reply(turn: Turn) -> Sequence[Any]:
    numbers = [number for number, message in enumerate(turn.history) if message.role == "assistant"]
    return turn.history[numbers[-1] + 1 :]


def _stored_response(run: Run | None, profile: "Profile") -> str | None:
    """Return the id of the response of *run*; None if the server of *profile* cannot have stored it.

    One that was stopped is not stored, and a failed one lacks the reply on screen.
    """
    if run is None or run.endpoint != ResponseCall.endpoint or run.state is not RunState.DONE:
        return None
    if run.base_url != profile.base_url or run.params.get("store") is False:
        return None
    response_id = (run.response or {}).get("id")
    return response_id if isinstance(response_id, str) else None
