"""A job of many requests, its items, and the queue from which a runner takes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import uuid4

from core.calls import ApiCall
from core.runs.run import Event, Run

# Calls under way at the same time, under a budget, while calls have ended whose cost is unknown.
_CALLS_WITHOUT_AVERAGE = 4


class ItemState(StrEnum):
    """The state of an item. `CANCELLED` items are not requested again, those of a stopped job are waiting."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunnerState(StrEnum):
    """The state of a runner. Whatever the end, the items that are left can be requested by a new runner."""

    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    OVER_BUDGET = "over_budget"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a job may spend, in US dollars and tokens; None is no limit.

    The limit is soft: no request is started beyond it, those under way end.
    """

    cost: Decimal | None = None
    tokens: int | None = None

    def affordable_calls(self, progress: "WorkProgress", under_way: int) -> int | None:
        """Return how many calls to start beside those *under_way*, at the average of the ended ones.

        None is no limit. As the average is only a guess, one call at a time is started to the very end.
        """
        rooms = [
            _room(limit, spent, progress.ended) - under_way
            for limit, spent in ((self.cost, progress.cost), (self.tokens, progress.tokens))
            if limit is not None
        ]
        return max(0, min(rooms)) if rooms else None


def _room(limit: Decimal | int, spent: Decimal | int, ended: int) -> int:
    """Return how many calls of the average size *limit* has room for."""
    if spent >= limit:
        return 0
    if not spent:
        # Of a server that reports no usage, calls end and cost nothing.
        return _CALLS_WITHOUT_AVERAGE if ended else 1
    return max(1, int((limit - spent) * ended / spent))


@dataclass(frozen=True, slots=True)
class WorkJob:
    """Requests to one model of one server. *data* is the caller's, such as the settings to resume with."""

    capability: str
    profile_id: str
    base_url: str
    model: str
    title: str = ""
    budget: Budget = Budget()
    data: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: uuid4().hex)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One request of a job. *key* is unique in the job; items of higher *priority* are requested first.

    *data* is the request, or what it is made from, such as the number of a document.
    """

    key: str
    data: dict[str, Any] = field(default_factory=dict)
    priority: int = 0


@dataclass(frozen=True, slots=True)
class SavedItem:
    """An item as it is saved; *run_id* is its latest run."""

    key: str
    data: dict[str, Any]
    priority: int
    state: ItemState
    run_id: str | None


@dataclass(frozen=True, slots=True)
class WorkRequest:
    """The arguments of a call, and the call that sends them."""

    params: dict[str, Any]
    call: ApiCall


@dataclass(frozen=True, slots=True)
class Claim:
    """An item that this process has taken from the queue, with its run, which is saved but not yet sent."""

    item: WorkItem
    run: Run
    call: ApiCall


@dataclass(frozen=True, slots=True)
class EndedItem:
    """An item whose *run* has ended. *follow_ups* are items that it has added to its job."""

    item: WorkItem
    run: Run
    events: Sequence[Event]
    state: ItemState
    follow_ups: Sequence[WorkItem] = ()


@dataclass(frozen=True, slots=True)
class WorkProgress:
    """How many items are in each state, and what their runs have used.

    The calls of *saving* have ended, but their items are not saved yet. *cost* is in US dollars, without the
    calls whose price is unknown; *eta* is in seconds, None if unknown.
    """

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    cost: Decimal = Decimal(0)
    tokens: int = 0
    eta: float | None = None
    saving: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.running + self.saving + self.ended

    @property
    def ended(self) -> int:
        return self.done + self.failed + self.cancelled

    @property
    def is_complete(self) -> bool:
        return self.ended == self.total


class WorkQueue(Protocol):
    """The items of one job. All methods block: call them off the event loop.

    A claimed item is owned by this process until it is completed or returned. If the process dies, another
    one recovers it.
    """

    def enqueue(self, items: Iterable[WorkItem]) -> int:
        """Add items, without those whose key exists, and return how many were added."""

    def recover(self) -> int:
        """Let items be claimed again whose process has died, and return their number."""

    def claim(self, limit: int, prepare: Callable[[WorkItem], Claim]) -> list[Claim]:
        """Take up to *limit* waiting items, by priority, and save the runs that *prepare* makes."""

    def renew(self, claims: Sequence[Claim]) -> None:
        """Extend the leases of *claims*."""

    def complete(self, items: Sequence[EndedItem]) -> int:
        """Save the items with their runs and what follows from them, all of it or nothing.

        Returns how many items were added.
        """

    def give_back(self, claims: Sequence[Claim]) -> None:
        """Undo `claim` for items whose call was not started."""

    def progress(self) -> WorkProgress:
        """Count the items by state."""

    def stops(self) -> int:
        """Return how often the job was stopped, by this process or another."""
