"""Whether an input fits a model, and what calls with it would cost: at list prices, before any is made."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.models.catalog import Model
from core.pricing.prices import BillingTerms, Price, cost_of, price_of
from core.pricing.usage import Usage
from core.tokens.context_window import TokenBudget

FitStatus = Literal["fits", "input too long", "output too long", "no room for the output", "unknown"]

_MIN_SAVING_SHARE = Decimal("0.005")  # of the cost: half a per cent is no advice


@dataclass(frozen=True, slots=True)
class UsageAssumption:
    """What is assumed of the calls: output tokens of each, and how many there are in a month."""

    output_tokens: int = 500
    requests_per_month: int = 10_000


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """*tokens* of input and the load's output on *model*; dollars a call, None where no price is known.

    `cached` is for an input all of which the cache still holds, None where it is too short for that.
    `is_long` when the whole call is charged at the long-context price.
    """

    model: Model
    input_tokens: int
    assumption: UsageAssumption
    standard: Decimal | None = None
    cached: Decimal | None = None
    batch: Decimal | None = None
    long_context_threshold: int | None = None
    source: str = ""

    @property
    def is_long_context(self) -> bool:
        return self.long_context_threshold is not None and self.input_tokens > self.long_context_threshold

    @property
    def context_fraction(self) -> float | None:
        """How much of the window the input takes; more than 1 when it does not fit."""
        window = self.model.context_window
        return self.input_tokens / window if window else None

    @property
    def available_output_tokens(self) -> int | None:
        """The longest output that the model could still write."""
        window, longest = self.model.context_window, self.model.max_output
        if window is None:
            return longest
        left = max(window - self.input_tokens, 0)
        return left if longest is None else min(longest, left)

    @property
    def fit_status(self) -> FitStatus:
        model, output = self.model, self.assumption.output_tokens if self.model.kind == "chat" else 0
        if model.context_window is None:
            return "unknown"
        if self.input_tokens > min(model.context_window, model.max_input or model.context_window):
            return "input too long"
        if output > (model.max_output or 0) and model.kind == "chat":
            return "output too long"
        limit = TokenBudget(model.context_window, model.max_input, output).input_limit
        return "fits" if limit is None or self.input_tokens <= limit else "no room for the output"

    def monthly_cost(self, a_call: Decimal | None) -> Decimal | None:
        return None if a_call is None else a_call * self.assumption.requests_per_month


@dataclass(frozen=True, slots=True)
class CostSaving:
    """A way to pay less: what to do, why that is cheaper, and the dollars a month it would save."""

    title: str
    reason: str
    monthly_amount: Decimal


def estimate_costs(
    models: Iterable[Model], count: Callable[[Model], int], load: UsageAssumption, when: datetime
) -> list[CostEstimate]:
    """Quote every model; *count* says how many tokens the input is for a model."""
    return [estimate_cost(model, count(model), load, when) for model in models]


def estimate_cost(model: Model, tokens: int, load: UsageAssumption, when: datetime) -> CostEstimate:
    """Work out what the calls of *load* cost on *model* at the list prices of *when*."""
    price = price_of(model.id, when)
    if price is None:
        return CostEstimate(model, tokens, load)
    return CostEstimate(
        model,
        tokens,
        load,
        _cost_per_request(model, tokens, load, when),
        _cost_per_request(model, tokens, load, when, cached=tokens)
        if _cacheable(model, tokens, price)
        else None,
        _cost_per_request(model, tokens, load, when, batch=True),
        price.long_context_threshold,
        price.source + (f" as of {price.as_of}" if price.as_of else ""),
    )


def suggest_savings(
    chosen: CostEstimate, others: Sequence[CostEstimate], when: datetime, prefix: int | None = None
) -> list[CostSaving]:
    """Say how to pay less than *chosen* costs, the largest saving first; nothing for an unknown price.

    *prefix* is how many tokens at the beginning are the same in each call, where that is known.
    """
    if not chosen.standard:
        return []
    found = [
        _suggest_batch(chosen),
        _suggest_caching(chosen) if prefix is None else _suggest_cached_prefix(chosen, prefix, when),
        _suggest_smaller_model(chosen, others),
        _suggest_short_context(chosen, when),
        _suggest_shorter_output(chosen, when),
    ]
    least = chosen.standard * chosen.assumption.requests_per_month * _MIN_SAVING_SHARE
    worth = [saving for saving in found if saving and saving.monthly_amount > least]
    return sorted(worth, key=lambda saving: -saving.monthly_amount)


def _cost_per_request(
    model: Model, tokens: int, load: UsageAssumption, when: datetime, *, cached: int = 0, batch: bool = False
) -> Decimal | None:
    output = load.output_tokens if model.kind == "chat" else 0
    return cost_of(
        Usage(tokens, output, cached), model.id, when, BillingTerms(batch=batch, billed=False)
    ).amount


def _cacheable(model: Model, tokens: int, price: Price) -> bool:
    long_enough = model.cache_minimum is not None and tokens >= model.cache_minimum
    return long_enough and price.rates_for(tokens).cached < price.rates_for(tokens).input


def _suggest_batch(chosen: CostEstimate) -> CostSaving | None:
    reason = "The same calls as a batch, if the answers may take up to 24 hours."
    return _saving(chosen, chosen.batch, "Send them as a batch", reason)


def _suggest_caching(chosen: CostEstimate) -> CostSaving | None:
    least = chosen.model.cache_minimum
    if least is None:
        return None
    reason = (
        f"From {least:,} tokens on, a beginning that repeats in each call is charged at the cached price. "
        "Put instructions, tools and examples first, what varies last; so much if all of it repeats."
    )
    return _saving(chosen, chosen.cached, "Repeat the beginning", reason)


def _suggest_cached_prefix(chosen: CostEstimate, prefix: int, when: datetime) -> CostSaving | None:
    least = chosen.model.cache_minimum
    if least is None or prefix < least:
        return None
    cached = _cost_per_request(chosen.model, chosen.input_tokens, chosen.assumption, when, cached=prefix)
    reason = (
        f"Instructions, tools and schema are {prefix:,} tokens and the same in each call: unchanged and "
        f"first, from {least:,} tokens on, they are charged at the cached price."
    )
    return _saving(chosen, cached, "Keep the beginning the same", reason)


def _suggest_smaller_model(chosen: CostEstimate, others: Sequence[CostEstimate]) -> CostSaving | None:
    """The cheapest that fits, is no closed model, and says what it costs."""
    fitting = [
        other
        for other in others
        if other.fit_status == "fits"
        and other.standard is not None
        and other.model.kind == chosen.model.kind
        and other.model.shutdown is None
    ]
    cheapest = min(fitting, key=lambda other: other.standard or Decimal(0), default=None)
    if cheapest is None:
        return None
    reason = f"{cheapest.model.title} takes this input too; try whether its answers are good enough."
    return _saving(chosen, cheapest.standard, f"Use {cheapest.model.id}", reason)


def _suggest_short_context(chosen: CostEstimate, when: datetime) -> CostSaving | None:
    if not chosen.is_long_context or chosen.long_context_threshold is None:
        return None
    after, over = chosen.long_context_threshold, chosen.input_tokens - chosen.long_context_threshold
    reason = f"Over {after:,} tokens in, every token of the call is charged at the long-context price."
    short = _cost_per_request(chosen.model, after, chosen.assumption, when)
    return _saving(chosen, short, f"Leave out {over:,} tokens", reason)


def _suggest_shorter_output(chosen: CostEstimate, when: datetime) -> CostSaving | None:
    """Half as much output: worth saying where output is most of the cost."""
    half = UsageAssumption(chosen.assumption.output_tokens // 2, chosen.assumption.requests_per_month)
    shorter = _cost_per_request(chosen.model, chosen.input_tokens, half, when)
    if shorter is None or chosen.standard is None or shorter > chosen.standard * Decimal("0.75"):
        return None
    reason = "Most of the cost is output: ask for short answers, or set max_completion_tokens."
    return _saving(
        chosen,
        shorter,
        f"Write {half.output_tokens:,} tokens instead of {chosen.assumption.output_tokens:,}",
        reason,
    )


def _saving(chosen: CostEstimate, a_call: Decimal | None, title: str, reason: str) -> CostSaving | None:
    if a_call is None or chosen.standard is None:
        return None
    return CostSaving(title, reason, (chosen.standard - a_call) * chosen.assumption.requests_per_month)
