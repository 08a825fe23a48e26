"""What a batch costs, against the same requests at once: an estimate before it is sent."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from core.batches.check.findings import CheckReport
from core.pricing.prices import Price, price_of
from core.pricing.usage import Usage
from core.runner.options import default_concurrency
from core.server_kind import ServerKind

DEFAULT_OUTPUT_TOKENS = 300
# Assumptions for an average model: the time to the first token, and the pace of the others.
_SECONDS_PER_REQUEST, _TOKENS_PER_SECOND = 1.0, 80.0
# Measured on two cores; the other seconds are those in which a batch is validated and finalized.
_SANDBOX_LINES_PER_SECOND, _SANDBOX_OVERHEAD = 150.0, 5.0


@dataclass(frozen=True, slots=True)
class BatchEstimate:
    """Estimated tokens, and US dollars at the list prices of api.openai.com, None if they are not known."""

    tokens_in: int
    tokens_out_assumed: int
    cost_sync: Decimal | None
    cost_batch: Decimal | None
    basis: str

    @property
    def saving(self) -> Decimal | None:
        if self.cost_sync is None or self.cost_batch is None:
            return None
        return self.cost_sync - self.cost_batch

    def __add__(self, other: "BatchEstimate") -> "BatchEstimate":
        """Return the estimate for both batches; an unknown cost makes the sum unknown."""
        return BatchEstimate(
            self.tokens_in + other.tokens_in,
            self.tokens_out_assumed + other.tokens_out_assumed,
            _add(self.cost_sync, other.cost_sync),
            _add(self.cost_batch, other.cost_batch),
            self.basis if self.basis == other.basis else f"{self.basis} {other.basis}",
        )


def estimate_batch(
    report: CheckReport, when: datetime, output_tokens: int = DEFAULT_OUTPUT_TOKENS
) -> BatchEstimate:
    """Estimate a checked file at the prices of *when*, with *output_tokens* for the reply to each line."""
    model = report.model or ""
    sync, batch = price_of(model, when), price_of(model, when, batch=True)
    replies = output_tokens if sync is None or sync.output else 0
    if report.output_limit is not None and report.lines:
        replies = min(replies, report.output_limit // report.lines)
    return BatchEstimate(
        report.tokens,
        replies * report.lines,
        _charge(sync, report, replies),
        _charge(batch, report, replies),
        _basis(batch or sync, model, replies * report.lines),
    )


@dataclass(frozen=True, slots=True)
class TimeEstimate:
    """Seconds until all results are there, if the requests are made now, and at most as a batch."""

    now: float
    batch: float
    basis: str


def estimate_time(estimate: BatchEstimate, lines: int, kind: ServerKind) -> TimeEstimate:
    """Estimate the time of both ways for *lines* requests to a server of *kind*."""
    at_once = default_concurrency(kind)
    if kind == "sandbox":
        now = lines / _SANDBOX_LINES_PER_SECOND
        batch = _SANDBOX_OVERHEAD + max(min(12.0, lines / 8), lines / _SANDBOX_LINES_PER_SECOND)
        return TimeEstimate(now, batch, "The sandbox answers at once, and runs a batch in seconds.")
    seconds = _SECONDS_PER_REQUEST + estimate.tokens_out_assumed / max(lines, 1) / _TOKENS_PER_SECOND
    basis = (
        f"Up to {at_once} requests at once of {seconds:.1f} seconds each are assumed, without rate limits. "
        "A batch ends within 24 hours, often much earlier."
    )
    return TimeEstimate(ceil(lines / at_once) * seconds, 24 * 3600.0, basis)


def _charge(price: Price | None, report: CheckReport, replies: int) -> Decimal | None:
    if price is None:
        return None
    short = Usage(report.tokens - report.long_tokens, replies * (report.lines - report.long_lines))
    long = Usage(report.long_tokens, replies * report.long_lines)
    rates = price.long_context_rates or price
    return price.charge(short)[0] + rates.charge(long)[0]


def _basis(price: Price | None, model: str, replies: int) -> str:
    if price is None:
        return f"No list price is known for {model[:80]!r}."
    as_of = f" as of {price.as_of}" if price.as_of else ""
    assumed = f", with {replies:,} output tokens assumed" if replies else ""
    return f"Estimated input tokens{assumed}, at the list price of {price.model_id} ({price.source}{as_of})."


def _add(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
