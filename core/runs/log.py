"""A run as it grows: written by the one who makes the call, read by any number of followers."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from core.errors.types import Explanation
from core.redaction import redact_registered_keys
from core.runs.run import Attempt, Event, Run, RunState

DeltaKind = Literal["text", "think", "retry", "note"]

# A data URL of more characters is told by its length in the event log.
_MAX_IMAGE_URL = 1_000

# A browser draws no faster, so followers are told no more often than this, in seconds.
UPDATE_INTERVAL = 1 / 60


@dataclass(frozen=True, slots=True)
class StreamDelta:
    """What a follower is told: a piece of the reply, of its reasoning, or of what is being waited for."""

    kind: DeltaKind
    text: str


class RunLog:
    """Collects the events of one run and wakes its followers; `snapshot` is the run so far.

    Everything here runs on one event loop; `snapshot`, `text` and `events` may be read from any thread.
    """

    def __init__(self, run: Run, clock: Callable[[], float] = time.monotonic) -> None:
        self.events: list[Event] = []
        self.deltas: list[StreamDelta] = []
        self.characters_written = 0  # characters
        self._run = run
        self._clock = clock
        self._started = clock()
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def id(self) -> str:
        return self._run.id

    @property
    def ended(self) -> bool:
        return self._run.state is not RunState.RUNNING

    @property
    def elapsed(self) -> float:
        return self._clock() - self._started

    @property
    def text(self) -> str:
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        return self._joined("think")

    def snapshot(self) -> Run:
        """Return the run as it stands, text included."""
        if self.ended:
            return self._run
        return replace(self._run, text=self.text, reasoning=self.reasoning, total=self.elapsed)

    def record(self, kind: str, data: str) -> None:
        """Note what happened, to the letter."""
        self.events.append(Event(round(self._clock() - self._started, 6), kind, data))

    def update(self, **facts: Any) -> None:
        """Fill in fields of the run as they become known."""
        self._run = replace(self._run, **facts)

    def mark_sent(self, params: dict[str, Any]) -> None:
        """Note the very arguments of the call; the clock starts here.

        They are kept whole in the run; the event only tells the length of an image.
        """
        self._started = self._clock()
        self.update(params=params)
        self.record("sent", json.dumps(_shorten_images(params), ensure_ascii=False))

    def set_status(self, text: str) -> None:
        """Tell the followers what is being waited for."""
        self.deltas.append(StreamDelta("note", text))
        self._notify()

    def write(self, text: str, kind: DeltaKind = "text") -> None:
        """Hand a piece of the reply to the followers."""
        if self._run.first_token is None:
            self.update(first_token=self.elapsed)
        self.deltas.append(StreamDelta(kind, text))
        self.characters_written += len(text)
        self._notify()

    def record_retry(self, attempt: Attempt, of: int) -> None:
        """Say that *attempt* failed and another of *of* follows."""
        self.update(attempts=(*self._run.attempts, attempt))
        told = {
            "attempt": attempt.number + 1,
            "of": of,
            "wait": attempt.wait,
            "reason": attempt.reason,
            "retry_after": attempt.retry_after,
        }
        data = json.dumps(told, ensure_ascii=False)
        self.record("retry", data)
        self.deltas.append(StreamDelta("retry", data))
        self._notify()

    def end(self, state: RunState, error: Explanation | None = None, **facts: Any) -> None:
        """Close the log; what arrived is kept whatever the *state*."""
        self.record("error" if error else "end", error.title if error else state.value)
        self._run = replace(
            self._run,
            **facts,
            text=self.text,
            reasoning=self.reasoning,
            total=self.elapsed,
            error=error,
            state=state,
        )
        self._notify()

    async def follow(self, after: int = 0) -> AsyncIterator[list[StreamDelta]]:
        """Yield the pieces from number *after* on, several at a time, until the run has ended."""
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

    def _joined(self, kind: DeltaKind) -> str:
        """The text of a kind so far, without a key that the server may have echoed in pieces."""
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
    """Keep the reply headers that teach something; cookies and the rest stay out of the record."""
    kept = ("x-ratelimit-", "openai-", "x-sandbox", "x-litellm-", "retry-after")
    names = {"x-request-id", "content-type", "server"}
    lowered = {name.lower(): redact_registered_keys(value) for name, value in headers.items()}
    return {name: value for name, value in lowered.items() if name in names or name.startswith(kept)}


def _shorten_images(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shorten_images(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_shorten_images(item) for item in value]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _MAX_IMAGE_URL:
        return f"{value[:40]}… ({len(value):,} characters)"
    return value
