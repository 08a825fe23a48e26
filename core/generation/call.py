"""A call of an API that generates a reply: send a request and record exactly what the server answers."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from core.client.response_body import read_bytes, read_lines
from core.client.sse import SSEDecoder
from core.errors.explain import is_transport_error
from core.errors.response import describe_body
from core.errors.types import MalformedEvent, NotOpenAICompatible, PlaygroundError
from core.http.limits import REPLY_LIMITS, STREAMED_REPLY_LIMITS, response_limits
from core.json_values import parse_json
from core.pricing.usage import Usage
from core.redaction import redact_registered_keys
from core.runs.log import RunLog, StreamDelta
from core.runs.run import Run, RunState

if TYPE_CHECKING:
    from openai import AsyncAPIResponse, AsyncOpenAI

# The SDK's iterator never yields to the event loop while data is buffered; this reader does, every so many
# seconds, so that other sessions and the browser connections are served during a fast stream.
_YIELD_INTERVAL = 0.008

# Seconds that the server has to close a stream after its last event. Reading to the end lets the connection
# be reused; waiting longer would delay the end of the reply on the page.
_DRAIN_TIMEOUT = 0.25

# Characters of JSON that take about a millisecond to parse.
_LARGE_JSON = 100_000

# Limits against a server that never ends a reply: today's models write 128,000 tokens at most.
MAX_EVENTS = 300_000
MAX_REPLY_CHARACTERS = 4_000_000


class ReplyAccumulator(Protocol):
    """Assembles a reply from the events of a stream, or from one whole response.

    `received` counts the events, and `characters` their content.
    """

    received: int
    characters: int

    @property
    def finish_reason(self) -> str | None:
        """Why the reply ended, in the words of Chat Completions; None if it has not."""

    @property
    def has_ended(self) -> bool:
        """Whether the last event of the stream has arrived, for an API that does not send [DONE]."""

    def feed(self, event: Any) -> Iterator[StreamDelta]:
        """Add one decoded event. Raises StreamError if it reports an error."""

    def is_response(self, body: dict[str, Any]) -> bool:
        """Whether *body* is a response of this API, or an error."""

    def problem(self) -> str:
        """What a whole response lacks; nothing if it is complete."""

    def result_fields(self) -> dict[str, Any]:
        """Return the fields of the run that have been received."""


class GenerationCall(ABC):
    """One call that generates a reply, streamed or not. An API is a subclass with its accumulator."""

    endpoint: ClassVar[str]
    noun: ClassVar[str]
    is_billed: ClassVar[bool] = True
    is_retried: ClassVar[bool] = True

    def __init__(self, reply: ReplyAccumulator) -> None:
        self._reply = reply

    @abstractmethod
    def open_response(
        self, client: "AsyncOpenAI", params: dict[str, Any]
    ) -> "AbstractAsyncContextManager[AsyncAPIResponse[Any]]":
        """Send the request and return its response, whose body has not been read."""

    @staticmethod
    @abstractmethod
    def chat_params(params: dict[str, Any]) -> dict[str, Any]:
        """Return the request as Chat Completions would have it, which is how tokens are counted."""

    async def send(self, client: "AsyncOpenAI", params: dict[str, Any], log: RunLog) -> None:
        with response_limits(STREAMED_REPLY_LIMITS if params.get("stream") else REPLY_LIMITS):
            async with self.open_response(client, params) as response:
                log.record_headers(response.status_code, response.headers)
                content_type = response.headers.get("content-type", "")
                # Some servers and proxies label the requested stream as plain text.
                if "event-stream" in content_type or (params.get("stream") and "text/plain" in content_type):
                    await self._read_stream(read_lines(response), _silence_limit(client), log)
                else:
                    await self._read_body((await read_bytes(response)).decode(), log)

    def result_fields(self) -> dict[str, Any]:
        return self._reply.result_fields() if self._reply.received else {}

    @classmethod
    def estimate_usage(cls, run: Run) -> Usage | None:
        """Count the tokens of the request and of what arrived; None if nothing did, which is not charged.

        Reasoning that the server does not show is missing.
        """
        from core.tokens.estimate import estimate_output_tokens, estimate_tokens

        model = run.model or str(run.params.get("model", ""))
        output_tokens = estimate_output_tokens(run.reasoning + run.text, model)
        if not output_tokens:
            return None
        return Usage(estimate_tokens(cls.chat_params(run.params)).tokens, output_tokens)

    def end_state(self, error: Exception | None) -> RunState:
        if error is None:
            return RunState.DONE if self._reply.finish_reason else RunState.CUT_OFF
        arrived = self._reply.received > 0
        return RunState.INTERRUPTED if arrived and is_transport_error(error) else RunState.FAILED

    def feed(self, event: Any, log: RunLog) -> None:
        """Take an event of a stream, or a whole response. Raises StreamError if it reports an error."""
        for delta in self._reply.feed(event):
            log.write(delta.text, delta.kind)

    async def _read_stream(self, lines: AsyncIterator[str], silence_limit: float | None, log: RunLog) -> None:
        """Read the stream to its end. Raises TimeoutError after *silence_limit* seconds without content."""
        decoder, last_yield, extended = SSEDecoder(), time.monotonic(), 0.0
        async with asyncio.timeout(silence_limit) as silence:
            async for line in lines:
                characters = self._reply.characters
                if await self._handle_line(line, decoder, log):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_DRAIN_TIMEOUT):
                            await anext(lines, None)
                    break
                now = time.monotonic()
                # Not for comments, empty chunks and parts of a line, which a server could send forever.
                if self._reply.characters > characters and now - extended > _YIELD_INTERVAL:
                    silence.reschedule(silence_limit and asyncio.get_running_loop().time() + silence_limit)
                    extended = now
                if now - last_yield > _YIELD_INTERVAL:
                    await asyncio.sleep(0)
                    last_yield = time.monotonic()
        if decoder.has_pending_data:
            log.record("cut", "The stream ended in the middle of an event.")
        if not self._reply.received:
            raise NotOpenAICompatible("The stream ended without a single chunk")

    async def _handle_line(self, line: str, decoder: SSEDecoder, log: RunLog) -> bool:
        """Handle one line of the stream and return whether it was the last."""
        if line.startswith(":"):
            log.record("comment", line)
        for event in decoder.feed(line):
            if event.data.startswith("[DONE]"):
                log.record("done", event.data)
                return True
            data = redact_registered_keys(event.data)
            log.record("chunk", data)
            try:
                decoded = await _parse(data)
            except ValueError:
                raise MalformedEvent("Invalid JSON in the stream", f"Received: {data[:80]!r}") from None
            self.feed(decoded, log)
        characters = self._reply.characters
        if len(log.events) > MAX_EVENTS or characters > MAX_REPLY_CHARACTERS:
            size = f"{characters:,} characters in {len(log.events):,} events"
            raise PlaygroundError("The reply exceeds the size limit", f"It was closed after {size}.")
        return self._reply.has_ended

    async def _read_body(self, body: str, log: RunLog) -> None:
        """Handle a response that is one JSON object, whether or not a stream was requested."""
        body = redact_registered_keys(body)
        log.record("body", body)
        try:
            reply = await _parse(body)
        except ValueError:
            message = "The server returned HTML or text instead of JSON"
            raise NotOpenAICompatible(message, detail=describe_body(body)) from None
        if not isinstance(reply, dict) or not self._reply.is_response(reply):
            message = f"The server answered with JSON that is not a {self.noun}"
            raise NotOpenAICompatible(message, detail=describe_body(body))
        self.feed(reply, log)
        if problem := self._reply.problem():
            raise NotOpenAICompatible(problem)


async def _parse(text: str) -> Any:
    """Parse JSON, off the event loop if that takes long. Raises ValueError."""
    return parse_json(text) if len(text) < _LARGE_JSON else await asyncio.to_thread(parse_json, text)


def _silence_limit(client: "AsyncOpenAI") -> float | None:
    """Return the read timeout of *client* in seconds."""
    timeout: Any = client.timeout
    limit: float | None = getattr(timeout, "read", timeout)
    return limit
