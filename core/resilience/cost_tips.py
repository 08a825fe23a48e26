"""What the runs of the user would have cost with the usual ways to save, at list prices."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from core.models.catalog import get_model
from core.models.selection import default_model_id
from core.pricing.prices import Price, price_of
from core.pricing.usage import Usage
from core.runs.run import Run

MAX_RUNS = 100
_TENTH = Decimal("0.1")
_CACHE_STEP = 128


@dataclass(frozen=True, slots=True)
class PricedRun:
    """A run with a known list price."""

    model: str
    usage: Usage
    price: Price
    at: datetime

    @property
    def amount(self) -> Decimal:
        return self.price.rates_for(self.usage.input_tokens).charge(self.usage)[0]

    def amount_at(self, price: Price | None, usage: Usage | None = None) -> Decimal | None:
        """Return the amount with another price or usage; None without a price."""
        usage = usage or self.usage
        return None if price is None else price.rates_for(usage.input_tokens).charge(usage)[0]


@dataclass(frozen=True, slots=True)
class CostTip:
    """A way to save, the number of runs that it applies to, and the dollars that it would have saved."""

    title: str
    text: str
    runs: int
    saving: Decimal


def priced_runs(runs: Iterable[Run]) -> list[PricedRun]:
    """Return those of *runs* whose usage and list price are known."""
    priced = []
    for run in runs:
        model = run.model or str(run.params.get("model", ""))
        price = price_of(model, run.started_at, run.service_tier)
        if run.usage and run.usage.total_tokens and price:
            standard = PricedRun(model, run.usage, price, run.started_at)
            batch = price_of(model, run.started_at, batch=True)
            # A run has no mark of the batch that it was part of, only its price.
            charged = (run.cost.amount or run.cost.list_amount) if run.cost else None
            in_batch = charged is not None and charged == standard.amount_at(batch) != standard.amount
            priced.append(replace(standard, price=batch) if batch and in_batch else standard)
    return priced


def total_amount(runs: Sequence[PricedRun]) -> Decimal:
    return sum((run.amount for run in runs), Decimal(0))


def cost_tips(runs: Sequence[PricedRun], available: Collection[str]) -> list[CostTip]:
    """Return the tips that would have saved anything, the largest saving first."""
    small = default_model_id("chat", available) or ""
    tips = [
        _tip(
            runs,
            f"Use a smaller model: {small}",
            "For runs of other chat models. Compare the replies first: it may not be good enough.",
            lambda run: _at_model(run, small),
        ),
        _tip(
            runs,
            "Use the Batch API",
            "For requests that nobody waits for: results come within 24 hours. See the Batches page.",
            lambda run: run.amount_at(price_of(run.model, run.at, batch=True)),
        ),
        _tip(
            runs,
            "Keep the beginning of prompts the same",
            "At most, if all long prompts began in the same way: instructions, tools and examples first, "
            "what changes last. See Caching.",
            _with_caching,
        ),
        _tip(
            runs,
            "Send a tenth less input",
            "Trim old messages, and send the parts of a document that matter instead of all of it.",
            lambda run: run.amount - _TENTH * _input_amount(run),
        ),
        _tip(
            runs,
            "Ask for a tenth less output",
            "Ask for short answers, and set max_completion_tokens. A lower reasoning effort counts as well.",
            lambda run: run.amount - _TENTH * (run.amount - _input_amount(run)),
        ),
    ]
    return sorted((tip for tip in tips if tip.saving > 0), key=lambda tip: -tip.saving)


def _tip(
    runs: Sequence[PricedRun], title: str, text: str, amount: Callable[[PricedRun], Decimal | None]
) -> CostTip:
    """Return the tip that changes the price of each run to *amount*, where that is lower."""
    savings = [run.amount - changed for run in runs if (changed := amount(run)) is not None]
    positive = [saving for saving in savings if saving > 0]
    return CostTip(title, text, len(positive), sum(positive, Decimal(0)))


def _at_model(run: PricedRun, model: str) -> Decimal | None:
    is_other_chat = get_model(run.model).kind == "chat" and get_model(run.model).id != get_model(model).id
    price = price_of(model, run.at, batch=run.price.processing == "batch")
    return run.amount_at(price) if is_other_chat else None


def _with_caching(run: PricedRun) -> Decimal | None:
    minimum = get_model(run.model).cache_minimum
    if minimum is None or run.usage.input_tokens < minimum:
        return None
    cached = run.usage.input_tokens // _CACHE_STEP * _CACHE_STEP
    if cached <= run.usage.cached_tokens:
        return None
    return run.amount_at(run.price, replace(run.usage, cached_tokens=cached, cache_write_tokens=0))


def _input_amount(run: PricedRun) -> Decimal:
    # At the rates of the whole input, which may be those of a long context.
    rates = run.price.rates_for(run.usage.input_tokens)
    return rates.charge(replace(run.usage, output_tokens=0, reasoning_tokens=0))[0]
