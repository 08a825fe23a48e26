"""What a completion consists of: tool calls, JSON for a schema, a refusal, or a text."""

from dataclasses import dataclass

from core.sandbox.api.errors import unsupported_in_sandbox
from core.sandbox.completions.request import GenerationRequest
from core.sandbox.replies.answer import ReplyOrigin
from core.sandbox.replies.dispatch import reply, write_reply
from core.sandbox.replies.prompt import ChatPrompt
from core.sandbox.tools.calls import FunctionCall


@dataclass(frozen=True, slots=True)
class ComposedReply:
    """The content of one choice, before its tokens are counted and cut."""

    text: str = ""
    calls: tuple[FunctionCall, ...] = ()
    is_refusal: bool = False
    origin: ReplyOrigin = "rules"


def compose(request: GenerationRequest, prompt: ChatPrompt, fault_name: str = "") -> ComposedReply:
    """Compose the reply to *prompt*: tool calls if it needs any, else JSON or a text.

    Raises ApiError for a schema or for parameters that have no value of a reasonable size.
    """
    text = ""
    if request.tools.functions or request.messages[-1].role == "tool":
        # Loaded with the first request that needs it, as below: the app starts without.
        from core.sandbox.structured.fill import UnfillableSchema
        from core.sandbox.tools.turn import take_turn

        try:
            turn = take_turn(request.messages, request.tools)
        except UnfillableSchema as error:
            raise unsupported_in_sandbox("tools", f"these parameters: {error}") from error
        if turn.calls and fault_name != "refusal":
            return ComposedReply(calls=turn.calls)
        text = turn.text
    if request.json_schema is not None or fault_name == "refusal":
        return _compose_structured(request, prompt, fault_name)
    if text := text or (_fill_described_schema(prompt) if request.wants_json else ""):
        return ComposedReply(text)
    written = write_reply(prompt)
    return ComposedReply(written.text, origin=written.origin)


def _fill_described_schema(prompt: ChatPrompt) -> str:
    """Return JSON for a schema in the instructions of a `json_object` request; empty without one."""
    from core.sandbox.structured.fill import UnfillableSchema
    from core.sandbox.structured.output import fill_schema, find_schema

    schema = find_schema(prompt.instructions)
    try:
        return fill_schema(prompt, schema, "", reply) if schema else ""
    except UnfillableSchema:
        return ""


def _compose_structured(request: GenerationRequest, prompt: ChatPrompt, fault_name: str) -> ComposedReply:
    from core.sandbox.structured.fill import UnfillableSchema
    from core.sandbox.structured.output import fill_schema, find_refusal, refusal_text

    if fault_name == "refusal" or request.json_schema is None:
        # The field exists in every reply; models of the API set it only with Structured Outputs.
        return ComposedReply(refusal_text(prompt), is_refusal=True)
    if fault_name == "schema-ignored":
        return ComposedReply(reply(prompt))
    if (refusal := find_refusal(prompt)) is not None:
        return ComposedReply(refusal, is_refusal=True)
    try:
        json_text = fill_schema(prompt, request.json_schema.schema, request.json_schema.name, reply)
    except UnfillableSchema as error:
        raise unsupported_in_sandbox("response_format", f"this schema: {error}") from error
    return ComposedReply(json_text)
