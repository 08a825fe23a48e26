"""One record for every call: what metrics, history, "view code", export and replay all read."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from uuid import uuid4

from pydantic import TypeAdapter

from core.errors.types import Explanation
from core.pricing.prices import Cost
from core.pricing.usage import Usage

_MIN_TIMED_SECONDS = 0.05  # seconds; over less, tokens per second say nothing


class RunState(StrEnum):
    """How a run stands. Only `DONE` is a whole reply; every other ended state keeps what had arrived."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # the person pressed Stop
    INTERRUPTED = "interrupted"  # the tab, the app or the connection went away
    CUT_OFF = "cut_off"  # the server ended without a finish reason
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a run, *at* seconds after it started.

    *kind* is "sent", "retry", "headers", "chunk", "comment", "error" or "end"; *data* is what came over the
    wire to the letter (a chunk's JSON), or JSON of ours.
    """

    at: float
    kind: str
    data: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that failed and was followed by another after *wait* seconds."""

    number: int
    reason: str
    wait: float
    retry_after: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A call to the API and how it ended. Durations are seconds from a monotonic clock."""

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
    service_tier: str | None = None
    cost: Cost | None = None
    first_token: float | None = None
    total: float | None = None
    attempts: tuple[Attempt, ...] = ()
    error: Explanation | None = None
    note: str = ""
    response: dict[str, Any] | None = None

    @property
    def stream(self) -> bool:
        return bool(self.params.get("stream"))

    @property
    def tokens_per_second(self) -> float | None:
        """Visible output tokens by the seconds in which they came; None where that is too short to tell.

        A streamed reply is timed from its first token, and the reasoning before that is not counted.
        """
        if self.usage is None or self.total is None:
            return None
        streamed = self.stream and self.first_token is not None
        producing = self.total - (self.first_token or 0.0) if streamed else self.total
        tokens = self.usage.output_tokens - (self.usage.reasoning_tokens if streamed else 0)
        return tokens / producing if producing >= _MIN_TIMED_SECONDS and tokens > 0 else None


@cache
def _adapter() -> TypeAdapter[Run]:
    """Built at the first use: it takes longer than all the other start of this module."""
    return TypeAdapter(Run)


def to_json(run: Run) -> str:
    """Serialise *run* with its Decimals and times as text."""
    return _adapter().dump_json(run).decode()


def from_json(text: str) -> Run:
    """Read what `to_json` wrote. Raises pydantic.ValidationError."""
    return _adapter().validate_json(text)
