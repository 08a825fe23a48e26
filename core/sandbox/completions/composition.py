"""What a completion consists of: tool calls, JSON for a schema, a refusal, or a text."""

from dataclasses import dataclass

from core.sandbox.api.errors import unsupported_in_sandbox
from core.sandbox.completions.request import ChatRequest
from core.sandbox.replies.dispatch import reply
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.structured.fill import UnfillableSchema
from core.sandbox.structured.output import fill_schema, find_refusal, refusal_text
from core.sandbox.tools.calls import FunctionCall
from core.sandbox.tools.turn import take_turn


@dataclass(frozen=True, slots=True)
class ComposedReply:
    """The content of one choice, before its tokens are counted and cut."""

    text: str = ""
    calls: tuple[FunctionCall, ...] = ()
    is_refusal: bool = False


def compose(request: ChatRequest, prompt: ChatPrompt, fault_name: str = "") -> ComposedReply:
    """Compose the reply to *prompt*. Raises ApiError for a schema that cannot be filled."""
    if fault_name == "refusal":
        return ComposedReply(refusal_text(prompt), is_refusal=request.json_schema is not None)
    try:
        turn = take_turn(request.messages, request.tools)
    except UnfillableSchema as error:
        raise unsupported_in_sandbox("tools", f"these parameters: {error}") from error
    if turn.calls:
        return ComposedReply(calls=turn.calls)
    if request.json_schema is None or fault_name == "schema-ignored":
        return ComposedReply(turn.text or reply(prompt))
    if (refusal := find_refusal(prompt)) is not None:
        return ComposedReply(refusal, is_refusal=True)
    try:
        text = fill_schema(prompt, request.json_schema.schema, request.json_schema.name, reply)
    except UnfillableSchema as error:
        raise unsupported_in_sandbox("response_format", f"this schema: {error}") from error
    return ComposedReply(text)
