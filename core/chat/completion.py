"""Ask a chat model and record, to the letter, what it answered."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from core.chat.stream_parser import CompletionAccumulator
from core.client.response_body import read_lines, read_text
from core.client.retry import RetryPolicy, with_retries
from core.client.sse import SSEDecoder
from core.errors.types import (
    MalformedEvent,
    NotOpenAICompatible,
    PlaygroundError,
    explain,
    is_transport_error,
)
from core.models.catalog import get_model
from core.models.parameter_support import unsupported_parameters
from core.pricing.usage import Usage
from core.redaction import redact_registered_keys
from core.runs.log import RunLog, safe_headers
from core.runs.run import Attempt, RunState

if TYPE_CHECKING:
    from openai import AsyncOpenAI

ENDPOINT = "chat.completions.create"

# The SDK's iterator gives nobody else a turn while data is buffered; we give one this often, in seconds.
_YIELD_INTERVAL = 0.008

# The server has this long, in seconds, to close a reply that it has declared done.
_DRAIN_TIMEOUT = 0.25

# More is a fault of the server: the longest reply of today's models has 128,000 tokens. Events, characters.
MAX_EVENTS = 300_000
MAX_REPLY_CHARACTERS = 4_000_000

Message = dict[str, Any]


class ChatSettings(BaseModel):
    """What the controls are set to; None leaves a parameter to the API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    stream: bool = True
    instructions: str = ""
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stop: tuple[str, ...] = Field(default=(), max_length=4)
    seed: int | None = None
    n: int | None = Field(default=None, ge=1, le=8)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    logit_bias: dict[str, int] | None = None
    reasoning_effort: str | None = None
    verbosity: str | None = None
    service_tier: str | None = None
    response_format: str | None = None
    prompt_cache_key: str | None = None
    safety_identifier: str | None = None
    metadata: dict[str, str] | None = None
    store: bool | None = None

    def params(self, history: Sequence[Message]) -> dict[str, Any]:
        """Build the very keyword arguments that are sent, and shown as code and JSON.

        What the model refuses is left out, by the same table that disables its control.
        """
        chosen = self.model_dump(
            exclude={"instructions", "stream", "stop", "response_format"}, exclude_none=True
        )
        if self.stop:
            chosen["stop"] = list(self.stop)
        if self.response_format:
            chosen["response_format"] = {"type": self.response_format}
        refused = unsupported_parameters(get_model(self.model), chosen)
        kept = {name: value for name, value in chosen.items() if name not in refused}
        params = {**kept, "messages": [*self._system(), *history]}
        if self.stream:
            params |= {"stream": True, "stream_options": {"include_usage": True}}
        return params

    def _system(self) -> list[Message]:
        if not self.instructions.strip():
            return []
        role = "developer" if get_model(self.model).reasoning else "system"
        return [{"role": role, "content": self.instructions}]


async def run_completion(
    client: "AsyncOpenAI", params: dict[str, Any], log: RunLog, retry_policy: RetryPolicy
) -> None:
    """Make the call and bring *log* to its end, whatever happens; only cancellation is raised."""
    completion = CompletionAccumulator()

    async def attempt() -> None:
        await _send_request(client, params, log, completion)

    def tell(failed: Attempt) -> None:
        log.record_retry(failed, retry_policy.max_retries + 1)

    try:
        await with_retries(attempt, retry_policy, tell)
    except asyncio.CancelledError:
        log.update(**_result_fields(completion))
        raise
    except Exception as error:  # noqa: BLE001 - a server can fail in any way; `explain` says which, or logs a bug
        state = RunState.INTERRUPTED if completion.chunks and is_transport_error(error) else RunState.FAILED
        log.end(state, explain(error, base_url=str(client.base_url)), **_result_fields(completion))
        return
    log.end(RunState.DONE if completion.finish_reason else RunState.CUT_OFF, **_result_fields(completion))


async def _send_request(
    client: "AsyncOpenAI", params: dict[str, Any], log: RunLog, completion: CompletionAccumulator
) -> None:
    async with client.chat.completions.with_streaming_response.create(**params) as response:
        headers = safe_headers(response.headers)
        log.update(status=response.status_code, request_id=headers.get("x-request-id"), headers=headers)
        log.record("headers", json.dumps(headers))
        if _is_stream(response.headers.get("content-type", ""), params):
            await _read_events(read_lines(response), log, completion)
        else:
            _read_body(await read_text(response), log, completion)


def _is_stream(content_type: str, params: dict[str, Any]) -> bool:
    """Whether events follow; some servers and proxies send the stream that was asked for as plain text."""
    return "event-stream" in content_type or bool(params.get("stream") and "text/plain" in content_type)


async def _read_events(lines: AsyncIterator[str], log: RunLog, completion: CompletionAccumulator) -> None:
    reader, turn = SSEDecoder(), time.monotonic()
    async for line in lines:
        if _handle_line(line, reader, log, completion):
            await _drain(lines)
            break
        if time.monotonic() - turn > _YIELD_INTERVAL:
            await asyncio.sleep(0)
            turn = time.monotonic()
    if reader.has_pending_data:
        log.record("cut", "The stream ended in the middle of an event.")
    if not completion.chunks:
        raise NotOpenAICompatible("The stream ended without a single chunk")


def _handle_line(line: str, reader: SSEDecoder, log: RunLog, completion: CompletionAccumulator) -> bool:
    """Take a line of the stream; returns whether the server has declared it done."""
    if line.startswith(":"):
        log.record("comment", line)
    for event in reader.feed(line):
        if event.data.startswith("[DONE]"):
            log.record("done", event.data)
            return True
        _handle_chunk(event.data, log, completion)
    if len(log.events) > MAX_EVENTS or log.characters_written > MAX_REPLY_CHARACTERS:
        so_far = f"{log.characters_written:,} characters in {len(log.events):,} events"
        raise PlaygroundError("The reply never ended", f"It was closed after {so_far}.")
    return False


async def _drain(lines: AsyncIterator[str]) -> None:
    """Wait a moment for the server to end its reply, which frees the connection for the next one."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_TIMEOUT):
            await anext(lines, None)


def _read_body(body: str, log: RunLog, completion: CompletionAccumulator) -> None:
    """Take a reply that is one JSON object, whether or not a stream was asked for."""
    body = redact_registered_keys(body)
    log.record("body", body)
    try:
        chunk = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise NotOpenAICompatible("The server answered with a page, not with JSON") from None
    if not isinstance(chunk, dict) or not (
        {"choices", "error"} & chunk.keys() or chunk.get("object") == "error"
    ):
        raise NotOpenAICompatible("The server answered with JSON that is not a chat completion")
    for piece in completion.feed(chunk):
        log.write(piece.text, piece.kind)
    if not completion.choices:
        raise NotOpenAICompatible("The completion has no choices")


def _handle_chunk(data: str, log: RunLog, completion: CompletionAccumulator) -> None:
    data = redact_registered_keys(data)
    log.record("chunk", data)
    try:
        chunk = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise MalformedEvent("The stream broke: an event is not JSON", f"It was: {data[:80]!r}") from None
    for piece in completion.feed(chunk):
        log.write(piece.text, piece.kind)


def _result_fields(completion: CompletionAccumulator) -> dict[str, Any]:
    if not completion.chunks:
        return {}
    first = completion.choices.get(0)
    return {
        "response": completion.response(),
        "finish_reason": completion.finish_reason,
        "refusal": "".join(first.refusal) if first else "",
        "model": str(completion.metadata.get("model") or ""),
        "service_tier": completion.metadata.get("service_tier"),
        "usage": Usage.of(completion.usage),
    }
