"""The calls that show what a server can do, each as small as it can be."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from core.errors.explain import explain

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_MAX_TOKENS = 16
_MAX_TOKENS_STRUCTURED = 300  # for a call or an object, also where the model thinks first


class SupportStatus(StrEnum):
    """*ignored*: the server accepts the parameter and does not act on it, which is worse than refusing."""

    YES = "yes"
    NO = "no"
    IGNORED = "ignored"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """What is tested: a server, and the models of it to ask. Either model may be empty: not asked."""

    client: "AsyncOpenAI"
    model: str
    embedding_model: str = ""


CheckOutcome = tuple[SupportStatus, str]


@dataclass(frozen=True, slots=True)
class Check:
    """A call and the capabilities it tells about, one outcome for each, in their order."""

    capabilities: tuple[str, ...]
    run: Callable[[ProbeTarget], Awaitable[Sequence[CheckOutcome]]]
    needs: str = "model"

    def can_run(self, subject: ProbeTarget) -> bool:
        return not self.needs or bool(getattr(subject, self.needs))


async def _list_models(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    models = [model.id for model in (await subject.client.models.list()).data]
    return [(SupportStatus.YES, f"{len(models)} models.")]


async def _retrieve_model(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    model = await subject.client.models.retrieve(subject.model)
    return [(SupportStatus.YES, f"Says it is owned by {model.owned_by}.")]


async def _chat(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    reply = await _ask(subject, "Count from one to fifty in words.", max_completion_tokens=_MAX_TOKENS)
    choice = reply.choices[0]
    chat = (SupportStatus.YES, f"Answered by {reply.model}.")
    if choice.finish_reason == "length":
        return [chat, (SupportStatus.YES, f"Stopped at {_MAX_TOKENS} tokens with length.")]
    spent = reply.usage.completion_tokens if reply.usage else None
    if spent is not None and spent <= _MAX_TOKENS:
        return [chat, (SupportStatus.UNKNOWN, f"Answered in only {spent} tokens.")]
    return [chat, (SupportStatus.IGNORED, f"Went on after {_MAX_TOKENS} tokens.")]


async def _stream(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    events, finish_reason, usage = 0, None, None
    reply = await _ask(
        subject,
        "Say hello.",
        max_completion_tokens=_MAX_TOKENS,
        stream=True,
        stream_options={"include_usage": True},
    )
    async with reply:
        async for chunk in reply:
            events += 1
            usage = chunk.usage or usage
            finish_reason = (chunk.choices[0].finish_reason if chunk.choices else None) or finish_reason
    if not events:
        return [
            (SupportStatus.NO, "The stream came without a single chunk."),
            (SupportStatus.UNKNOWN, "Nothing streamed."),
        ]
    ending = f"ends with {finish_reason}" if finish_reason else "ends without a finish reason"
    told = (
        (SupportStatus.YES, f"{usage.total_tokens} tokens.")
        if usage
        else (SupportStatus.IGNORED, "No usage came.")
    )
    return [(SupportStatus.YES, f"{events} chunks; {ending}."), told]


def _tool(name: str, about: str) -> dict[str, Any]:
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": about, "parameters": parameters}}


_TOOLS = [_tool("get_weather", "Weather of a city"), _tool("get_time", "Local time in a city")]


async def _required_tool(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    return [await _called(subject, "required", None)]


async def _named_tool(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    choice = {"type": "function", "function": {"name": "get_time"}}
    return [await _called(subject, choice, "get_time")]


async def _called(subject: ProbeTarget, tool_choice: Any, wanted: str | None) -> CheckOutcome:
    """Ask for a call that the question does not call for, so that only the parameter can bring it about."""
    reply = await _ask(
        subject,
        "Say hello to Paris.",
        tools=_TOOLS,
        tool_choice=tool_choice,
        max_completion_tokens=_MAX_TOKENS_STRUCTURED,
    )
    choice = reply.choices[0]
    names = [call.function.name for call in choice.message.tool_calls or () if call.type == "function"]
    if not names and choice.finish_reason == "length":
        return SupportStatus.UNKNOWN, "Cut by the token limit before a call."
    if not names or (wanted and names[0] != wanted):
        return SupportStatus.IGNORED, f"Called {names[0]} instead." if names else "Answered in text instead."
    return SupportStatus.YES, f"Called {names[0]}; finish reason {choice.finish_reason}."


_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "population": {"type": "integer"}},
    "required": ["city", "population"],
    "additionalProperties": False,
}


async def _json_schema(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    schema = {"name": "city", "strict": True, "schema": _SCHEMA}
    reply = await _ask(
        subject,
        "Tell me about Paris, population 2100000.",
        response_format={"type": "json_schema", "json_schema": schema},
        max_completion_tokens=_MAX_TOKENS_STRUCTURED,
    )
    choice = reply.choices[0]
    if choice.finish_reason == "length":
        return [(SupportStatus.UNKNOWN, "Cut by the token limit.")]
    fits = _fits(choice.message.content or "")
    return [
        (SupportStatus.YES, "The reply fits the schema.")
        if fits
        else (SupportStatus.IGNORED, "The reply does not fit.")
    ]


def _fits(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and value.keys() == {"city", "population"}


async def _embeddings(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    """Ask for 8 dimensions; a server that refuses them is asked again without."""
    import openai

    create = subject.client.embeddings.create
    try:
        reply = await create(model=subject.embedding_model, input=["one", "two"], dimensions=8)
    except (openai.BadRequestError, openai.UnprocessableEntityError):
        reply = await create(model=subject.embedding_model, input=["one", "two"])
        shortened = (SupportStatus.NO, "Refuses the parameter.")
    else:
        length = len(reply.data[0].embedding)
        shortened = (
            SupportStatus.YES if length == 8 else SupportStatus.IGNORED,
            f"{length} numbers for the 8 asked for.",
        )
    vector = reply.data[0].embedding
    if not isinstance(vector[0], float | int):
        return [(SupportStatus.NO, "Gives a vector for each token instead of one for each text."), shortened]
    return [(SupportStatus.YES, f"{len(reply.data)} vectors of {len(vector)} numbers."), shortened]


async def _responses(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    reply: Any = await subject.client.responses.create(
        model=subject.model, input="Say hello.", max_output_tokens=_MAX_TOKENS, store=False
    )
    if isinstance(reply, str):
        return [(SupportStatus.NO, "Streams although it was not asked to.")]
    if not reply.output and not reply.status:
        return [(SupportStatus.NO, "Answers with something that is not a response.")]
    return [(SupportStatus.YES, f"Answered; status {reply.status}.")]


async def _count_tokens(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    reply = await subject.client.responses.input_tokens.count(model=subject.model, input="Say hello.")
    return [(SupportStatus.YES, f"{int(reply.input_tokens)} tokens counted.")]


async def _files(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    page = await subject.client.files.list(limit=1)
    return [(SupportStatus.YES, f"{len(page.data)} or more files.")]


async def _batches(subject: ProbeTarget) -> Sequence[CheckOutcome]:
    page = await subject.client.batches.list(limit=1)
    return [(SupportStatus.YES, f"{len(page.data)} or more batches.")]


async def _ask(subject: ProbeTarget, question: str, **params: Any) -> Any:
    """Make a chat call; a model that takes tools only without reasoning is asked without."""
    import openai

    messages = [{"role": "user", "content": question}]
    create: Any = subject.client.chat.completions.create
    try:
        return await create(model=subject.model, messages=messages, **params)
    except openai.BadRequestError as exc:
        if explain(exc).code != "tools_with_effort":
            raise
    return await create(model=subject.model, messages=messages, reasoning_effort="none", **params)


CHECKS: tuple[Check, ...] = (
    Check(("Model list",), _list_models, needs=""),
    Check(("One model's facts",), _retrieve_model),
    Check(("Chat", "Output limit"), _chat),
    Check(("Streaming", "Usage in streams"), _stream),
    Check(("Forced tool call",), _required_tool),
    Check(("Named tool call",), _named_tool),
    Check(("Structured output",), _json_schema),
    Check(("Embeddings", "Shortened embeddings"), _embeddings, needs="embedding_model"),
    Check(("Responses API",), _responses),
    Check(("Token counting",), _count_tokens),
    Check(("Files",), _files, needs=""),
    Check(("Batches",), _batches, needs=""),
)
