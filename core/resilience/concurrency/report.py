"""What the ways to send many requests have taken: what is drawn, summed up, and saved."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.errors.types import Explanation
from core.pricing.prices import BillingTerms, Cost, cost_of
from core.pricing.usage import Usage
from core.resilience.concurrency.limits import RequestLimit
from core.resilience.concurrency.spans import Span
from core.resilience.concurrency.strategy import STRATEGIES, Strategy
from core.server_kind import ServerKind

_BY_ID = {strategy.id: strategy for strategy in STRATEGIES}


@dataclass(frozen=True, slots=True)
class StrategyResult:
    """What one way has taken so far, or until its end. Times are seconds after its start.

    *spans* are its requests, each in a lane, or the states of a batch. *reply_times* are in ascending order.
    *errors* are those of the prompts without a reply. *limit* is what the latest response reported of the
    server's limit, which *was_limited* says to have refused a request.
    """

    strategy_id: str
    server_kind: ServerKind
    seconds: float
    has_ended: bool
    spans: tuple[Span, ...]
    reply_times: tuple[float, ...]
    usage: Usage
    errors: Mapping[str, int]
    limit: RequestLimit | None = None
    was_limited: bool = False
    error: Explanation | None = None
    batch_completed: int | None = None

    @property
    def strategy(self) -> Strategy:
        return _BY_ID[self.strategy_id]

    @property
    def failures(self) -> int:
        """The number of requests that failed, whether or not a retry succeeded."""
        return sum(span.outcome == "failed" for span in self.spans)

    @property
    def most_at_once(self) -> int | None:
        """The largest number of requests under way; None for a batch, whose requests the server sends."""
        return None if self.strategy.is_batch else max((span.lane + 1 for span in self.spans), default=0)

    @property
    def throughput(self) -> float:
        """Replies per second until the last one."""
        return len(self.reply_times) / self.reply_times[-1] if self.reply_times else 0.0


@dataclass(frozen=True, slots=True)
class ConcurrencyReport:
    """An experiment so far, or until its end. *requests_per_minute* is the limit that the sandbox had."""

    model: str
    prompts: int
    at_once: int
    strategy_ids: tuple[str, ...]
    requests_per_minute: int | None
    started_at: datetime
    is_running: bool
    is_stopped: bool
    results: tuple[StrategyResult, ...]

    @property
    def strategies(self) -> tuple[Strategy, ...]:
        return tuple(_BY_ID[strategy_id] for strategy_id in self.strategy_ids)

    def cost(self, result: StrategyResult) -> Cost:
        """Price the replies of *result*."""
        terms = BillingTerms(result.server_kind, batch=result.strategy.is_batch)
        return cost_of(result.usage, self.model, datetime.now(UTC), terms)

    def interrupted(self) -> "ConcurrencyReport":
        """Return what is left of the experiment after the app was restarted."""
        ended = tuple(result for result in self.results if result.has_ended)
        return replace(self, is_running=False, is_stopped=self.is_running or self.is_stopped, results=ended)
