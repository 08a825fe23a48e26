"""The chat completions endpoint: send a request and record exactly what the server answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from core.client.response_body import read_bytes, read_lines
from core.client.sse import SSEDecoder
from core.completions.stream_parser import MAX_CHOICES, CompletionAccumulator
from core.errors.explain import explain, is_transport_error
from core.errors.response import describe_body
from core.errors.types import MalformedEvent, NotOpenAICompatible, PlaygroundError
from core.http.limits import REPLY_LIMITS, STREAMED_REPLY_LIMITS, response_limits
from core.json_values import JsonObject, parse_json, storable_text
from core.pricing.usage import Usage
from core.redaction import redact_registered_keys
from core.runs.log import RunLog
from core.runs.run import Run, RunState, ServerSpeed

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# The SDK's iterator never yields to the event loop while data is buffered; this reader does, every so many
# seconds, so that other sessions and the browser connections are served during a fast stream.
_YIELD_INTERVAL = 0.008

# Seconds that the server has to close a stream after its [DONE]. Reading to the end lets the connection be
# reused; waiting longer would delay the end of the reply on the page.
_DRAIN_TIMEOUT = 0.25

# Characters of JSON that take about a millisecond to parse.
_LARGE_JSON = 100_000

# Limits against a server that never ends a reply: today's models write 128,000 tokens at most.
MAX_EVENTS = 300_000
MAX_REPLY_CHARACTERS = 4_000_000


class ChatCompletionCall:
    """One call of `chat.completions.create`, streamed or not."""

    endpoint: ClassVar[str] = "chat.completions.create"
    is_billed: ClassVar[bool] = True
    is_retried: ClassVar[bool] = True

    def __init__(self) -> None:
        self._completion = CompletionAccumulator()

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        self._completion.max_choices = _requested_choices(params)
        with response_limits(STREAMED_REPLY_LIMITS if params.get("stream") else REPLY_LIMITS):
            arguments = _with_messages_as_they_are(params)
            async with client.chat.completions.with_streaming_response.create(**arguments) as response:
                log.record_headers(response.status_code, response.headers)
                content_type = response.headers.get("content-type", "")
                # Some servers and proxies label the requested stream as plain text.
                if "event-stream" in content_type or (params.get("stream") and "text/plain" in content_type):
                    await self._read_stream(read_lines(response), _silence_limit(client), log)
                else:
                    await self._read_body((await read_bytes(response)).decode(), log)

    def result_fields(self) -> dict[str, Any]:
        completion = self._completion
        if not completion.chunks:
            return {}
        first = completion.choices.get(0)
        return {
            "response": completion.response(),
            "finish_reason": completion.finish_reason,
            "refusal": storable_text("".join(first.refusal)) if first else "",
            "model": storable_text(str(completion.metadata.get("model") or "")),
            "service_tier": completion.metadata.get("service_tier"),
            "usage": Usage.of(completion.usage),
            "server_speed": ServerSpeed.of(completion.metadata.get("timings")),
        }

    @staticmethod
    def estimate_usage(run: Run) -> Usage | None:
        """Count the tokens of the request and of what arrived; None if nothing did, which is not charged.

        Reasoning that the server does not show is missing.
        """
        from core.tokens.estimate import estimate_output_tokens, estimate_tokens

        model = run.model or str(run.params.get("model", ""))
        output_tokens = estimate_output_tokens(run.reasoning + run.text, model)
        if not output_tokens:
            return None
        return Usage(estimate_tokens(run.params).tokens, output_tokens)

    def end_state(self, error: Exception | None) -> RunState:
        if error is None:
            return RunState.DONE if self._completion.finish_reason else RunState.CUT_OFF
        arrived = self._completion.chunks > 0
        return RunState.INTERRUPTED if arrived and is_transport_error(error) else RunState.FAILED

    async def _read_stream(self, lines: AsyncIterator[str], silence_limit: float | None, log: RunLog) -> None:
        """Read the stream to its end. Raises TimeoutError after *silence_limit* seconds without content."""
        decoder, last_yield, extended = SSEDecoder(), time.monotonic(), 0.0
        async with asyncio.timeout(silence_limit) as silence:
            async for line in lines:
                characters = self._completion.characters
                if await self._handle_line(line, decoder, log):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_DRAIN_TIMEOUT):
                            await anext(lines, None)
                    break
                now = time.monotonic()
                # Not for comments, empty chunks and parts of a line, which a server could send forever.
                if self._completion.characters > characters and now - extended > _YIELD_INTERVAL:
                    silence.reschedule(silence_limit and asyncio.get_running_loop().time() + silence_limit)
                    extended = now
                if now - last_yield > _YIELD_INTERVAL:
                    await asyncio.sleep(0)
                    last_yield = time.monotonic()
        if decoder.has_pending_data:
            log.record("cut", "The stream ended in the middle of an event.")
        if not self._completion.chunks:
            raise NotOpenAICompatible("The stream ended without a single chunk")

    async def _handle_line(self, line: str, decoder: SSEDecoder, log: RunLog) -> bool:
        """Handle one line of the stream and return whether it was the server's [DONE]."""
        if line.startswith(":"):
            log.record("comment", line)
        for event in decoder.feed(line):
            if event.data.startswith("[DONE]"):
                log.record("done", event.data)
                return True
            data = redact_registered_keys(event.data)
            log.record("chunk", data)
            try:
                chunk = await _parse(data)
            except ValueError:
                raise MalformedEvent("Invalid JSON in the stream", f"Received: {data[:80]!r}") from None
            self.feed(chunk, log)
        characters = self._completion.characters
        if len(log.events) > MAX_EVENTS or characters > MAX_REPLY_CHARACTERS:
            size = f"{characters:,} characters in {len(log.events):,} events"
            raise PlaygroundError("The reply exceeds the size limit", f"It was closed after {size}.")
        return False

    async def _read_body(self, body: str, log: RunLog) -> None:
        """Handle a response that is one JSON object, whether or not a stream was requested."""
        body = redact_registered_keys(body)
        log.record("body", body)
        try:
            reply = await _parse(body)
        except ValueError:
            message = "The server returned HTML or text instead of JSON"
            raise NotOpenAICompatible(message, detail=describe_body(body)) from None
        if not isinstance(reply, dict) or not (
            {"choices", "error"} & reply.keys() or reply.get("object") == "error"
        ):
            message = "The server answered with JSON that is not a chat completion"
            raise NotOpenAICompatible(message, detail=describe_body(body))
        self.feed(reply, log)
        if not self._completion.choices:
            raise NotOpenAICompatible("The completion has no choices")

    def feed(self, chunk: Any, log: RunLog) -> None:
        """Take a chunk of a stream, or a whole completion. Raises StreamError if it reports an error."""
        for delta in self._completion.feed(chunk):
            log.write(delta.text, delta.kind)


def run_of_reply(run: Run, reply: JsonObject) -> Run:
    """End *run* with *reply*, the completion that a batch has returned for its request.

    It fails if *reply* is none. How long it took is not known.
    """
    call, log = ChatCompletionCall(), RunLog(run)
    try:
        call.feed(dict(reply), log)
    except PlaygroundError as error:
        log.end(RunState.FAILED, explain(error))
    else:
        log.end(call.end_state(None), **call.result_fields())
    return replace(log.snapshot(), first_token=None, total=None)


async def _parse(text: str) -> Any:
    """Parse JSON, off the event loop if that takes long. Raises ValueError."""
    return parse_json(text) if len(text) < _LARGE_JSON else await asyncio.to_thread(parse_json, text)


def _with_messages_as_they_are(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments for the same request, whose messages the SDK does not inspect.

    It would look for values to convert in each of them, of which they have none: 6 ms for 50 messages, before
    the request is sent.
    """
    extra_body = {**(params.get("extra_body") or {}), "messages": params["messages"]}
    return {**params, "messages": [], "extra_body": extra_body}


def _requested_choices(params: Mapping[str, Any]) -> int:
    """Return the parameter `n`, which the user may have set to anything."""
    n = params.get("n")
    return n if isinstance(n, int) and 1 <= n <= MAX_CHOICES else 1


def _silence_limit(client: "AsyncOpenAI") -> float | None:
    """Return the read timeout of *client* in seconds."""
    timeout: Any = client.timeout
    limit: float | None = getattr(timeout, "read", timeout)
    return limit
