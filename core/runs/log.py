"""The log of a run that is under way: written by the call, followed by any number of readers."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.errors.types import Explanation
from core.redaction import redact_registered_keys
from core.runs.run import Attempt, Event, EventKind, Run, RunState

DeltaKind = Literal["text", "reasoning", "retry", "status"]

# The event log holds the length of a longer data URL instead of its content.
_MAX_IMAGE_URL = 1_000

# Seconds between two batches for a follower: a browser draws no faster.
UPDATE_INTERVAL = 1 / 60


@dataclass(frozen=True, slots=True)
class StreamDelta:
    """A piece of the reply ("text") or of its reasoning, a retry as JSON, or a status."""

    kind: DeltaKind
    text: str


class RunLog:
    """Collects the events of one run and notifies its followers.

    All methods run on one event loop; `snapshot`, `text` and `events` may be read from any thread.
    """

    def __init__(self, run: Run, clock: Callable[[], float] = time.monotonic) -> None:
        self.events: list[Event] = []
        self.deltas: list[StreamDelta] = []
        self.characters_written = 0
        self._run = run
        self._clock = clock
        self._started = clock()
        self._waiters: list[asyncio.Future[None]] = []
        self._partial_response: Callable[[], dict[str, Any] | None] = lambda: None

    @property
    def id(self) -> str:
        return self._run.id

    @property
    def ended(self) -> bool:
        return self._run.state is not RunState.RUNNING

    @property
    def headers(self) -> Mapping[str, str]:
        """The response headers of the latest attempt."""
        return self._run.headers

    @property
    def elapsed(self) -> float:
        return self._clock() - self._started

    @property
    def text(self) -> str:
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        return self._joined("reasoning")

    @property
    def response(self) -> dict[str, Any] | None:
        """The response, as far as it has arrived."""
        return self._run.response if self.ended else self._partial_response()

    def read_response_from(self, partial_response: Callable[[], dict[str, Any] | None]) -> None:
        """Let *partial_response* return the response as far as it has arrived, for followers of the run."""
        self._partial_response = partial_response

    def snapshot(self) -> Run:
        """Return the run as it is now, including its text so far."""
        if self.ended:
            return self._run
        return replace(self._run, text=self.text, reasoning=self.reasoning, total=self.elapsed)

    def record(self, kind: EventKind, data: str) -> None:
        """Append an event; *data* is exactly what was sent or received."""
        self.events.append(Event(round(self._clock() - self._started, 6), kind, data))

    def update(self, **fields: Any) -> None:
        """Set fields of the run."""
        self._run = replace(self._run, **fields)

    def mark_sent(self, params: dict[str, Any]) -> None:
        """Record the arguments of the call and start the clock.

        The run holds them completely; the event holds the length of an image instead of the image.
        """
        self._started = self._clock()
        self.record_request(params)

    def record_request(self, params: dict[str, Any]) -> None:
        """Record the arguments of a request, the first one or one that replaces it."""
        self.update(params=params)
        self.record("sent", json.dumps(_shorten_images(params), ensure_ascii=False))

    def record_headers(self, status: int, headers: Mapping[str, str]) -> None:
        """Record the status of the response, and those of its headers that are worth showing."""
        shown = safe_headers(headers)
        self.update(status=status, request_id=shown.get("x-request-id"), headers=shown)
        self.record("headers", json.dumps(shown))

    def set_status(self, text: str) -> None:
        """Show followers what the run is waiting for."""
        self.deltas.append(StreamDelta("status", text))
        self._notify()

    def write(self, text: str, kind: DeltaKind = "text") -> None:
        """Append a piece of the reply or of its reasoning."""
        if self._run.first_token is None:
            self.update(first_token=self.elapsed)
        self.deltas.append(StreamDelta(kind, text))
        self.characters_written += len(text)
        self._notify()

    def record_retry(self, attempt: Attempt, max_attempts: int) -> None:
        """Record that *attempt* failed and that another follows."""
        self.update(attempts=(*self._run.attempts, attempt))
        retry = {
            "attempt": attempt.number + 1,
            "max_attempts": max_attempts,
            "wait": attempt.wait,
            "reason": attempt.reason,
            "retry_after": attempt.retry_after,
        }
        data = json.dumps(retry, ensure_ascii=False)
        self.record("retry", data)
        self.deltas.append(StreamDelta("retry", data))
        self._notify()

    def end(self, state: RunState, error: Explanation | None = None, **fields: Any) -> None:
        """End the run, keeping what has arrived whatever the *state*."""
        if error and self._run.has_simulated_fault:
            error = replace(error, simulated=True)
        self.record("error" if error else "end", error.title if error else state.value)
        self._run = replace(
            self._run,
            **fields,
            text=self.text,
            reasoning=self.reasoning,
            total=self.elapsed,
            error=error,
            state=state,
        )
        self._notify()

    async def follow(self, after: int = 0) -> AsyncIterator[list[StreamDelta]]:
        """Yield the deltas from number *after* on, in batches, until the run has ended."""
        while True:
            if after >= len(self.deltas) and not self.ended:
                await self._wait_for_update()
            batch, ended = self.deltas[after:], self.ended
            after += len(batch)
            if batch:
                yield batch
            if ended:
                return
            await asyncio.sleep(UPDATE_INTERVAL)

    async def wait_for_text(self, after: int, timeout: float) -> None:
        """Wait for more than *after* characters or the end of the run, for *timeout* seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self.characters_written <= after and not self.ended:
                    await self._wait_for_update()

    def _joined(self, kind: DeltaKind) -> str:
        # Redacted once more as a whole: a server may have echoed a key in pieces.
        return redact_registered_keys("".join([piece.text for piece in self.deltas if piece.kind == kind]))

    async def _wait_for_update(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiters.append(future)
        await future

    def _notify(self) -> None:
        waiting, self._waiters = self._waiters, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


def safe_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the response headers that are worth showing; cookies and others are not recorded."""
    prefixes = ("x-ratelimit-", "openai-", "x-sandbox", "x-litellm-", "retry-after")
    names = {"x-request-id", "content-type", "server"}
    lowered = {name.lower(): redact_registered_keys(value) for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if name in names or name.startswith(prefixes)}


def _shorten_images(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shorten_images(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shorten_images(item) for item in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _MAX_IMAGE_URL:
        return f"{value[:40]}… ({len(value):,} characters)"
    return value
