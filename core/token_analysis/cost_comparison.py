"""Whether an input fits a model, and what requests with it would cost at list prices."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.models.catalog import Model
from core.pricing.prices import BillingTerms, cost_of, price_of
from core.pricing.usage import Usage
from core.tokens.context_window import TokenBudget

FitStatus = Literal["fits", "input too long", "output too long", "input plus output too long", "unknown"]

_MIN_SAVING_SHARE = Decimal("0.005")  # a saving of less than half a per cent is not worth a suggestion


@dataclass(frozen=True, slots=True)
class UsageAssumption:
    """The assumed output of a request, and the assumed number of requests."""

    output_tokens: int = 500
    requests_per_month: int = 10_000


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The cost of one request on *model* in dollars; None where no price is known.

    `cached` assumes that the cache holds the whole input; None if the input is too short to be cached.
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
        """Whether the whole request is charged at the long-context price."""
        return self.long_context_threshold is not None and self.input_tokens > self.long_context_threshold

    @property
    def context_fraction(self) -> float | None:
        """The share of the context window that the input takes; more than 1 if it does not fit."""
        window = self.model.context_window
        return self.input_tokens / window if window else None

    @property
    def available_output_tokens(self) -> int | None:
        """The longest output that the model could still write."""
        window, max_output = self.model.context_window, self.model.max_output
        if window is None:
            return max_output
        remaining = max(window - self.input_tokens, 0)
        return remaining if max_output is None else min(max_output, remaining)

    @property
    def fit_status(self) -> FitStatus:
        model = self.model
        output = self.assumption.output_tokens if model.kind == "chat" else 0
        if model.context_window is None:
            return "unknown"
        if self.input_tokens > min(model.context_window, model.max_input or model.context_window):
            return "input too long"
        if output > (model.max_output or 0) and model.kind == "chat":
            return "output too long"
        limit = TokenBudget(model.context_window, model.max_input, output).input_limit
        return "fits" if limit is None or self.input_tokens <= limit else "input plus output too long"

    def monthly_cost(self, cost_per_request: Decimal | None) -> Decimal | None:
        return None if cost_per_request is None else cost_per_request * self.assumption.requests_per_month


@dataclass(frozen=True, slots=True)
class CostSaving:
    """A way to pay less, why it is cheaper, and the dollars it would save per month."""

    title: str
    reason: str
    monthly_amount: Decimal


def estimate_costs(
    models: Iterable[Model],
    count_input: Callable[[Model], int],
    assumption: UsageAssumption,
    when: datetime,
) -> list[CostEstimate]:
    """Estimate the cost on every model; *count_input* returns the input tokens for a model."""
    return [estimate_cost(model, count_input(model), assumption, when) for model in models]


def estimate_cost(
    model: Model, input_tokens: int, assumption: UsageAssumption, when: datetime
) -> CostEstimate:
    """Estimate the cost of a request of *input_tokens* on *model* at the list prices of *when*."""
    price = price_of(model.id, when)
    if price is None:
        return CostEstimate(model, input_tokens, assumption)
    rates = price.rates_for(input_tokens)
    is_long_enough = model.cache_minimum is not None and input_tokens >= model.cache_minimum
    cached = None
    if is_long_enough and rates.cached < rates.input:
        cached = _cost_per_request(model, input_tokens, assumption, when, cached=input_tokens)
    return CostEstimate(
        model,
        input_tokens,
        assumption,
        _cost_per_request(model, input_tokens, assumption, when),
        cached,
        _cost_per_request(model, input_tokens, assumption, when, batch=True),
        price.long_context_threshold,
        price.source + (f" as of {price.as_of}" if price.as_of else ""),
    )


def suggest_savings(
    selected: CostEstimate, others: Sequence[CostEstimate], when: datetime, prefix_tokens: int | None = None
) -> list[CostSaving]:
    """Return ways to pay less than *selected* costs, the largest saving first; none if its price is unknown.

    *prefix_tokens* is the length of the prompt prefix that is the same in each request, if known.
    """
    if not selected.standard:
        return []
    batch_reason = "The same requests cost less as a batch, if the responses may take up to 24 hours."
    suggestions = [
        _saving(selected, selected.batch, "Use the Batch API", batch_reason),
        _suggest_caching(selected, when, prefix_tokens),
        _suggest_smaller_model(selected, others),
        _suggest_short_context(selected, when),
        _suggest_shorter_output(selected, when),
    ]
    minimum = selected.standard * selected.assumption.requests_per_month * _MIN_SAVING_SHARE
    savings = [saving for saving in suggestions if saving and saving.monthly_amount > minimum]
    return sorted(savings, key=lambda saving: -saving.monthly_amount)


def _cost_per_request(
    model: Model,
    input_tokens: int,
    assumption: UsageAssumption,
    when: datetime,
    *,
    cached: int = 0,
    batch: bool = False,
) -> Decimal | None:
    usage = Usage(input_tokens, assumption.output_tokens if model.kind == "chat" else 0, cached)
    return cost_of(usage, model.id, when, BillingTerms(batch=batch, billed=False)).amount


def _suggest_caching(selected: CostEstimate, when: datetime, prefix_tokens: int | None) -> CostSaving | None:
    minimum = selected.model.cache_minimum
    if minimum is None:
        return None
    if prefix_tokens is None:
        reason = (
            f"A prompt prefix of {minimum:,} tokens or more that repeats in each request is charged at the "
            "cached price. Put instructions, tools and examples first, and variable content last. The "
            "saving assumes that the whole input repeats."
        )
        return _saving(selected, selected.cached, "Use prompt caching", reason)
    if prefix_tokens < minimum:
        return None
    cached = _cost_per_request(
        selected.model, selected.input_tokens, selected.assumption, when, cached=prefix_tokens
    )
    reason = (
        f"Instructions, tools and schema are {prefix_tokens:,} tokens and the same in each request. At the "
        f"start of the prompt, a prefix of {minimum:,} tokens or more is charged at the cached price."
    )
    return _saving(selected, cached, "Keep the prompt prefix unchanged", reason)


def _suggest_smaller_model(selected: CostEstimate, others: Sequence[CostEstimate]) -> CostSaving | None:
    """Suggest the cheapest model that fits, has a known price, and has no shutdown date."""
    fitting = [
        other
        for other in others
        if other.fit_status == "fits"
        and other.standard is not None
        and other.model.kind == selected.model.kind
        and other.model.shutdown is None
    ]
    cheapest = min(fitting, key=lambda other: other.standard or Decimal(0), default=None)
    if cheapest is None:
        return None
    reason = f"{cheapest.model.title} accepts this input too; check whether its answers are good enough."
    return _saving(selected, cheapest.standard, f"Use {cheapest.model.id}", reason)


def _suggest_short_context(selected: CostEstimate, when: datetime) -> CostSaving | None:
    threshold = selected.long_context_threshold
    if threshold is None or not selected.is_long_context:
        return None
    shorter = _cost_per_request(selected.model, threshold, selected.assumption, when)
    excess = selected.input_tokens - threshold
    reason = f"Above {threshold:,} input tokens, all tokens are charged at the long-context price."
    return _saving(selected, shorter, f"Remove {excess:,} input tokens", reason)


def _suggest_shorter_output(selected: CostEstimate, when: datetime) -> CostSaving | None:
    """Suggest half the output, if the output is most of the cost."""
    output_tokens = selected.assumption.output_tokens
    half = UsageAssumption(output_tokens // 2, selected.assumption.requests_per_month)
    shorter = _cost_per_request(selected.model, selected.input_tokens, half, when)
    if shorter is None or selected.standard is None or shorter > selected.standard * Decimal("0.75"):
        return None
    title = f"Reduce the output from {output_tokens:,} to {half.output_tokens:,} tokens"
    reason = "Most of the cost is output: ask for short answers, or limit the output tokens."
    return _saving(selected, shorter, title, reason)


def _saving(
    selected: CostEstimate, cost_per_request: Decimal | None, title: str, reason: str
) -> CostSaving | None:
    if cost_per_request is None or selected.standard is None:
        return None
    monthly_amount = (selected.standard - cost_per_request) * selected.assumption.requests_per_month
    return CostSaving(title, reason, monthly_amount)
