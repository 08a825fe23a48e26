"""The record of one API call. Metrics, history, code, exports and the inspector all read it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Literal
from uuid import uuid4

from pydantic import TypeAdapter

from core.errors.response import FAULT_HEADER
from core.errors.types import Explanation
from core.json_values import json_object
from core.pricing.prices import Cost
from core.pricing.usage import Usage
from core.server_kind import ServerKind

EventKind = Literal["sent", "retry", "headers", "chunk", "comment", "body", "cut", "done", "error", "end"]

# Over less time than this, in seconds, tokens per second mean nothing.
_MIN_TIMED_SECONDS = 0.05
# A server that reports more has divided by almost nothing.
_MAX_TOKENS_PER_SECOND = 1_000_000


class RunState(StrEnum):
    """The state of a run. Only `DONE` is a complete reply; other ended states keep what had arrived."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # by the user
    INTERRUPTED = "interrupted"  # the tab was closed, the app exited or the connection was lost
    CUT_OFF = "cut_off"  # the server ended without a finish reason
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a run, *at* seconds after its request was sent.

    *data* is exactly what was received, such as a chunk's JSON, or JSON written by this app. A stream ends
    with "done", the server's [DONE], or is "cut" in the middle of an event; "body" is a response without one.
    """

    at: float
    kind: EventKind
    data: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A failed attempt that was followed by another after *wait* seconds."""

    number: int
    reason: str
    wait: float
    retry_after: bool = False


@dataclass(frozen=True, slots=True)
class ServerSpeed:
    """Tokens per second as the server measured them: processing the prompt, generating the reply."""

    prefill: float | None = None
    decode: float | None = None

    @classmethod
    def of(cls, timings: object) -> "ServerSpeed | None":
        """Parse the `timings` that llama.cpp adds to a completion; None if they contain no speed."""
        fields = json_object(timings)
        speed = cls(_speed(fields.get("prompt_per_second")), _speed(fields.get("predicted_per_second")))
        return speed if speed.prefill or speed.decode else None


def _speed(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < _MAX_TOKENS_PER_SECOND else None


@dataclass(frozen=True, slots=True)
class Run:
    """An API call and its result. Durations are in seconds, by a monotonic clock."""

    capability: str
    endpoint: str
    params: dict[str, Any]
    profile: str = ""
    base_url: str = ""
    id: str = field(default_factory=lambda: uuid4().hex)
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: RunState = RunState.RUNNING
    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    finish_reason: str | None = None
    model: str = ""
    request_id: str | None = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    usage: Usage | None = None
    server_speed: ServerSpeed | None = None
    service_tier: str | None = None
    cost: Cost | None = None
    first_token: float | None = None
    total: float | None = None
    attempts: tuple[Attempt, ...] = ()
    error: Explanation | None = None
    note: str = ""
    response: dict[str, Any] | None = None
    server_kind: ServerKind | None = None  # None for a run of an earlier version, and an imported one
    recorded: bool = True  # False if its texts, request, response and events were not saved
    parent_id: str = ""  # of the job or the loop of tools that it is a part of

    @property
    def stream(self) -> bool:
        return bool(self.params.get("stream"))

    @property
    def has_content(self) -> bool:
        """Whether its texts are known. Those that are not recorded are lost some time after the call."""
        return bool(self.recorded or self.text or self.params.get("messages") or self.params.get("input"))

    @property
    def has_request(self) -> bool:
        """Whether its request is known. The file of a board has none for variants that were edited since."""
        return self.capability != "compare" or bool(self.params.keys() - {"model", "stream"})

    @property
    def has_simulated_fault(self) -> bool:
        """Whether the sandbox changed the response because it was asked to."""
        return FAULT_HEADER in self.headers

    @property
    def tokens_per_second(self) -> float | None:
        """Return output tokens per second of the whole call, streamed or not; None if it was too short.

        Reasoning tokens and the time to the first token count, because a reply that is not streamed contains
        both and shows neither. Waits between attempts do not.
        """
        if self.usage is None or self.total is None:
            return None
        seconds = self.total - sum(attempt.wait for attempt in self.attempts)
        return self.usage.output_tokens / seconds or None if seconds >= _MIN_TIMED_SECONDS else None


@cache
def _adapter() -> TypeAdapter[Run]:
    # Built on first use: that takes longer than importing the rest of this module.
    return TypeAdapter(Run)


def to_json(run: Run) -> str:
    """Serialise *run*, with Decimals and times as text."""
    return _adapter().dump_json(run).decode()


def from_json(text: str) -> Run:
    """Read what `to_json` wrote. Raises pydantic.ValidationError."""
    return _adapter().validate_json(text)
