"""The requests that test what a server supports, each as small as possible."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors.explain import explain
from core.http.limits import LIST_LIMITS, response_limits
from core.json_values import parse_json
from core.servers.discovery import model_ids

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai._legacy_response import LegacyAPIResponse

T = TypeVar("T")

_MAX_TOKENS = 16
_MAX_TOKENS_STRUCTURED = 240  # enough for a tool call or an object, even after some reasoning


class SupportStatus(StrEnum):
    """*ignored*: the server accepts the parameter without effect, which is worse than rejecting it."""

    YES = "yes"
    NO = "no"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """The server to test, and the models to test with. A check whose model is empty is not run."""

    client: "AsyncOpenAI"
    model: str
    embedding_model: str = ""


CheckOutcome = tuple[SupportStatus, str]


_Run = Callable[[ProbeTarget], Awaitable[Sequence[CheckOutcome]]]


@dataclass(frozen=True, slots=True)
class Check:
    """A request and the capabilities that it tests; *run* returns one outcome for each, in their order."""

    capabilities: tuple[str, ...]
    run: _Run
    needs: str = "model"

    def can_run(self, target: ProbeTarget) -> bool:
        return not self.needs or bool(getattr(target, self.needs))


# In the order of this module.
CHECKS: list[Check] = []


def _check(*capabilities: str, needs: str = "model") -> Callable[[_Run], _Run]:
    """Add the decorated function to `CHECKS`; *needs* is the field of the target that must not be empty."""

    def register(run: _Run) -> _Run:
        CHECKS.append(Check(capabilities, run, needs))
        return run

    return register


@_check("Model list", needs="")
async def _list_models(target: ProbeTarget) -> Sequence[CheckOutcome]:
    with response_limits(LIST_LIMITS):
        reply = await target.client.models.with_raw_response.list()
    models = model_ids(parse_json(reply.text))
    if models is None:
        return [(SupportStatus.NO, "The reply is not a list of models.")]
    return [(SupportStatus.YES, f"{len(models)} models.")]


@_check("Model details")
async def _retrieve_model(target: ProbeTarget) -> Sequence[CheckOutcome]:
    model = await _parsed(target.client.models.with_raw_response.retrieve(target.model))
    return [(SupportStatus.YES, f"Owned by {model.owned_by}.")]


@_check("Chat", "Output limit")
async def _chat(target: ProbeTarget) -> Sequence[CheckOutcome]:
    reply = await _create_completion(
        target, "Count from one to fifty in words.", max_completion_tokens=_MAX_TOKENS
    )
    choice = reply.choices[0]
    chat = (SupportStatus.YES, f"Reply from {reply.model}.")
    if choice.finish_reason == "length":
        return [chat, (SupportStatus.YES, f"Stopped at {_MAX_TOKENS} tokens; finish reason length.")]
    tokens = reply.usage.completion_tokens if reply.usage else None
    if tokens is not None and tokens <= _MAX_TOKENS:
        return [chat, (SupportStatus.UNKNOWN, f"The reply has only {tokens} tokens.")]
    return [chat, (SupportStatus.IGNORED, f"Continued after {_MAX_TOKENS} tokens.")]


@_check("Streaming", "Usage in streams")
async def _stream(target: ProbeTarget) -> Sequence[CheckOutcome]:
    chunks, finish_reason, usage = 0, None, None
    reply = await _create_completion(
        target,
        "Say hello.",
        max_completion_tokens=_MAX_TOKENS,
        stream=True,
        stream_options={"include_usage": True},
    )
    async with reply:
        async for chunk in reply:
            await asyncio.sleep(0)  # the SDK does not yield to the event loop while data is buffered
            chunks += 1
            usage = chunk.usage or usage
            finish_reason = (chunk.choices[0].finish_reason if chunk.choices else None) or finish_reason
    if not chunks:
        content_type = reply.response.headers.get("content-type", "").partition(";")[0]
        # Without a stream, the whole completion is one JSON object.
        if content_type == "application/json":
            streaming = (SupportStatus.IGNORED, "No chunks: the reply came in one piece.")
        else:
            streaming = (SupportStatus.NO, f"No chunks: the server sent {content_type[:40] or 'no type'}.")
        return [streaming, (SupportStatus.UNKNOWN, "No chunks.")]
    count = "1 chunk, so the reply came in one piece" if chunks == 1 else f"{chunks} chunks"
    ending = f"ends with {finish_reason}" if finish_reason else "ends without a finish reason"
    usage_outcome = (
        (SupportStatus.YES, f"{usage.total_tokens} tokens.")
        if usage
        else (SupportStatus.IGNORED, "The stream has no usage.")
    )
    return [(SupportStatus.YES, f"{count}; {ending}."), usage_outcome]


def _tool(name: str, description: str) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


_TOOL_NAMES = ("get_time", "get_weather")
_TOOLS = [_tool("get_time", "Local time in a city"), _tool("get_weather", "Weather of a city")]


@_check("Forced tool call")
async def _required_tool(target: ProbeTarget) -> Sequence[CheckOutcome]:
    return [await _check_tool_choice(target, "required", _TOOL_NAMES)]


@_check("Named tool call")
async def _named_tool(target: ProbeTarget) -> Sequence[CheckOutcome]:
    # A server that ignores the name may call the right tool by chance, but hardly each of two.
    for name in _TOOL_NAMES:
        tool_choice = {"type": "function", "function": {"name": name}}
        status, evidence = await _check_tool_choice(target, tool_choice, (name,))
        if status is not SupportStatus.YES:
            return [(status, f"{name} was required. {evidence}")]
    return [(SupportStatus.YES, f"Called {' and '.join(_TOOL_NAMES)}, each when it was required.")]


async def _check_tool_choice(
    target: ProbeTarget, tool_choice: Any, allowed_names: Sequence[str]
) -> CheckOutcome:
    # No tool helps with this question, so only the parameter can cause a call.
    reply = await _create_completion(
        target,
        "Say hello to Paris.",
        tools=_TOOLS,
        tool_choice=tool_choice,
        max_completion_tokens=_MAX_TOKENS_STRUCTURED,
    )
    choice = reply.choices[0]
    names = [call.function.name for call in choice.message.tool_calls or () if call.type == "function"]
    if not names and choice.finish_reason == "length":
        return SupportStatus.UNKNOWN, "Truncated by the token limit before a call."
    if not names:
        return SupportStatus.IGNORED, "Replied with text instead."
    if unknown := [name for name in names if name not in _TOOL_NAMES]:
        return SupportStatus.NO, f"Called {str(unknown[0])[:60]}, a tool that was not in the request."
    if names[0] not in allowed_names:
        return SupportStatus.IGNORED, f"Called {names[0]} instead."
    return SupportStatus.YES, f"Called {names[0]}; finish reason {choice.finish_reason}."


_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}


@_check("Structured output")
async def _json_schema(target: ProbeTarget) -> Sequence[CheckOutcome]:
    schema = {"name": "city", "strict": True, "schema": _SCHEMA}
    reply = await _create_completion(
        target,
        "Tell me about Paris, population 2100000.",
        response_format={"type": "json_schema", "json_schema": schema},
        max_completion_tokens=_MAX_TOKENS_STRUCTURED,
    )
    choice = reply.choices[0]
    if choice.finish_reason == "length":
        return [(SupportStatus.UNKNOWN, "Truncated by the token limit.")]
    try:
        value = json.loads(choice.message.content or "")
    except ValueError:
        value = None
    if isinstance(value, dict) and value.keys() == {"city", "population"}:
        return [(SupportStatus.YES, "The reply matches the schema.")]
    return [(SupportStatus.IGNORED, "The reply does not match the schema.")]


@_check("Embeddings", "Embedding dimensions", needs="embedding_model")
async def _embeddings(target: ProbeTarget) -> Sequence[CheckOutcome]:
    """Request 8 dimensions; repeat the request without the parameter if the server rejects it."""
    import openai

    create = target.client.embeddings.with_raw_response.create
    try:
        reply = await _parsed(create(model=target.embedding_model, input=["one", "two"], dimensions=8))
    except (openai.BadRequestError, openai.UnprocessableEntityError):
        reply = await _parsed(create(model=target.embedding_model, input=["one", "two"]))
        dimensions = (SupportStatus.NO, "The server rejects the parameter.")
    else:
        length = len(reply.data[0].embedding)
        dimensions = (
            SupportStatus.YES if length == 8 else SupportStatus.IGNORED,
            f"{length} dimensions; 8 were requested.",
        )
    vector = reply.data[0].embedding
    # Some servers return the vectors of the tokens, not pooled into one for the text.
    if not isinstance(vector[0], float | int):
        return [(SupportStatus.NO, "Returns one vector per token instead of one per text."), dimensions]
    return [(SupportStatus.YES, f"{len(reply.data)} vectors of {len(vector)} dimensions."), dimensions]


@_check("Responses API")
async def _responses(target: ProbeTarget) -> Sequence[CheckOutcome]:
    create = target.client.responses.with_raw_response.create
    reply: Any = await _parsed(
        create(model=target.model, input="Say hello.", max_output_tokens=_MAX_TOKENS, store=False)
    )
    if isinstance(reply, str):
        return [(SupportStatus.NO, "Returns a stream that was not requested.")]
    if not reply.output and not reply.status:
        return [(SupportStatus.NO, "The reply is not a response object.")]
    return [(SupportStatus.YES, f"Response status {reply.status}.")]


@_check("Token counting")
async def _count_tokens(target: ProbeTarget) -> Sequence[CheckOutcome]:
    count = target.client.responses.input_tokens.with_raw_response.count
    reply = await _parsed(count(model=target.model, input="Say hello."))
    return [(SupportStatus.YES, f"{int(reply.input_tokens)} tokens counted.")]


@_check("Files", needs="")
async def _files(target: ProbeTarget) -> Sequence[CheckOutcome]:
    page = await _parsed(target.client.files.with_raw_response.list(limit=1))
    return [(SupportStatus.YES, f"{len(page.data)} or more files.")]


@_check("Batches", needs="")
async def _batches(target: ProbeTarget) -> Sequence[CheckOutcome]:
    page = await _parsed(target.client.batches.with_raw_response.list(limit=1))
    return [(SupportStatus.YES, f"{len(page.data)} or more batches.")]


async def _create_completion(target: ProbeTarget, question: str, **params: Any) -> Any:
    """Create a chat completion; without reasoning if the model supports tools only without it."""
    import openai

    messages = [{"role": "user", "content": question}]
    create: Any = target.client.chat.completions.with_raw_response.create
    try:
        return await _parsed(create(model=target.model, messages=messages, **params))
    except openai.BadRequestError as exc:
        if explain(exc).code != "tools_with_effort":
            raise
    return await _parsed(create(model=target.model, messages=messages, reasoning_effort="none", **params))


async def _parsed(call: "Awaitable[LegacyAPIResponse[T]]") -> T:
    """Let the SDK parse the response of *call* off the event loop: it builds an object for every value."""
    response = await call
    return await asyncio.to_thread(response.parse)
