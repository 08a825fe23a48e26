"""Whether an input fits a model, and what calls with it would cost: at list prices, before any is made."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.models.catalog import Model
from core.pricing.prices import Price, Terms, cost_of, price_of
from core.pricing.usage import Usage
from core.tokens.context_window import Budget

Verdict = Literal["fits", "input too long", "output too long", "no room for the output", "unknown"]

_LEAST_SAVED = Decimal("0.005")  # of the cost: half a per cent is no advice


@dataclass(frozen=True, slots=True)
class Load:
    """What is assumed of the calls: output tokens of each, and how many there are in a month."""

    output: int = 500
    calls: int = 10_000


@dataclass(frozen=True, slots=True)
class Quote:
    """*tokens* of input and the load's output on *model*; dollars a call, None where no price is known.

    `cached` is for an input all of which the cache still holds, None where it is too short for that.
    `is_long` when the whole call is charged at the long-context price.
    """

    model: Model
    tokens: int
    load: Load
    standard: Decimal | None = None
    cached: Decimal | None = None
    batch: Decimal | None = None
    long_after: int | None = None
    source: str = ""

    @property
    def is_long(self) -> bool:
        return self.long_after is not None and self.tokens > self.long_after

    @property
    def share(self) -> float | None:
        """How much of the window the input takes; more than 1 when it does not fit."""
        window = self.model.context_window
        return self.tokens / window if window else None

    @property
    def output_room(self) -> int | None:
        """The longest output that the model could still write."""
        window, longest = self.model.context_window, self.model.max_output
        if window is None:
            return longest
        left = max(window - self.tokens, 0)
        return left if longest is None else min(longest, left)

    @property
    def verdict(self) -> Verdict:
        model, output = self.model, self.load.output if self.model.kind == "chat" else 0
        if model.context_window is None:
            return "unknown"
        if self.tokens > min(model.context_window, model.max_input or model.context_window):
            return "input too long"
        if output > (model.max_output or 0) and model.kind == "chat":
            return "output too long"
        limit = Budget(model.context_window, model.max_input, output).limit
        return "fits" if limit is None or self.tokens <= limit else "no room for the output"

    def monthly(self, a_call: Decimal | None) -> Decimal | None:
        return None if a_call is None else a_call * self.load.calls


@dataclass(frozen=True, slots=True)
class Saving:
    """A way to pay less: what to do, why that is cheaper, and the dollars a month it would save."""

    title: str
    reason: str
    monthly: Decimal


def quotes(models: Iterable[Model], count: Callable[[Model], int], load: Load, when: datetime) -> list[Quote]:
    """Quote every model; *count* says how many tokens the input is for a model."""
    return [quote(model, count(model), load, when) for model in models]


def quote(model: Model, tokens: int, load: Load, when: datetime) -> Quote:
    """Work out what the calls of *load* cost on *model* at the list prices of *when*."""
    price = price_of(model.id, when)
    if price is None:
        return Quote(model, tokens, load)
    return Quote(
        model,
        tokens,
        load,
        _cost(model, tokens, load, when),
        _cost(model, tokens, load, when, cached=tokens) if _cacheable(model, tokens, price) else None,
        _cost(model, tokens, load, when, batch=True),
        price.long_after,
        price.source + (f" as of {price.as_of}" if price.as_of else ""),
    )


def savings(
    chosen: Quote, others: Sequence[Quote], when: datetime, prefix: int | None = None
) -> list[Saving]:
    """Say how to pay less than *chosen* costs, the largest saving first; nothing for an unknown price.

    *prefix* is how many tokens at the beginning are the same in each call, where that is known.
    """
    if not chosen.standard:
        return []
    found = [
        _by_batch(chosen),
        _by_caching(chosen) if prefix is None else _by_cached_prefix(chosen, prefix, when),
        _by_smaller(chosen, others),
        _by_staying_short(chosen, when),
        _by_less_output(chosen, when),
    ]
    least = chosen.standard * chosen.load.calls * _LEAST_SAVED
    worth = [saving for saving in found if saving and saving.monthly > least]
    return sorted(worth, key=lambda saving: -saving.monthly)


def _cost(
    model: Model, tokens: int, load: Load, when: datetime, *, cached: int = 0, batch: bool = False
) -> Decimal | None:
    output = load.output if model.kind == "chat" else 0
    return cost_of(Usage(tokens, output, cached), model.id, when, Terms(batch=batch, billed=False)).amount


def _cacheable(model: Model, tokens: int, price: Price) -> bool:
    long_enough = model.cache_minimum is not None and tokens >= model.cache_minimum
    return long_enough and price.rates_for(tokens).cached < price.rates_for(tokens).input


def _by_batch(chosen: Quote) -> Saving | None:
    reason = "The same calls as a batch, if the answers may take up to 24 hours."
    return _saving(chosen, chosen.batch, "Send them as a batch", reason)


def _by_caching(chosen: Quote) -> Saving | None:
    least = chosen.model.cache_minimum
    if least is None:
        return None
    reason = (
        f"From {least:,} tokens on, a beginning that repeats in each call is charged at the cached price. "
        "Put instructions, tools and examples first, what varies last; so much if all of it repeats."
    )
    return _saving(chosen, chosen.cached, "Repeat the beginning", reason)


def _by_cached_prefix(chosen: Quote, prefix: int, when: datetime) -> Saving | None:
    least = chosen.model.cache_minimum
    if least is None or prefix < least:
        return None
    cached = _cost(chosen.model, chosen.tokens, chosen.load, when, cached=prefix)
    reason = (
        f"Instructions, tools and schema are {prefix:,} tokens and the same in each call: unchanged and "
        f"first, from {least:,} tokens on, they are charged at the cached price."
    )
    return _saving(chosen, cached, "Keep the beginning the same", reason)


def _by_smaller(chosen: Quote, others: Sequence[Quote]) -> Saving | None:
    """The cheapest that fits, is no closed model, and says what it costs."""
    fitting = [
        other
        for other in others
        if other.verdict == "fits"
        and other.standard is not None
        and other.model.kind == chosen.model.kind
        and other.model.shutdown is None
    ]
    cheapest = min(fitting, key=lambda other: other.standard or Decimal(0), default=None)
    if cheapest is None:
        return None
    reason = f"{cheapest.model.title} takes this input too; try whether its answers are good enough."
    return _saving(chosen, cheapest.standard, f"Use {cheapest.model.id}", reason)


def _by_staying_short(chosen: Quote, when: datetime) -> Saving | None:
    if not chosen.is_long or chosen.long_after is None:
        return None
    after, over = chosen.long_after, chosen.tokens - chosen.long_after
    reason = f"Over {after:,} tokens in, every token of the call is charged at the long-context price."
    short = _cost(chosen.model, after, chosen.load, when)
    return _saving(chosen, short, f"Leave out {over:,} tokens", reason)


def _by_less_output(chosen: Quote, when: datetime) -> Saving | None:
    """Half as much output: worth saying where output is most of the cost."""
    half = Load(chosen.load.output // 2, chosen.load.calls)
    shorter = _cost(chosen.model, chosen.tokens, half, when)
    if shorter is None or chosen.standard is None or shorter > chosen.standard * Decimal("0.75"):
        return None
    reason = "Most of the cost is output: ask for short answers, or set max_completion_tokens."
    return _saving(chosen, shorter, f"Write {half.output:,} tokens instead of {chosen.load.output:,}", reason)


def _saving(chosen: Quote, a_call: Decimal | None, title: str, reason: str) -> Saving | None:
    if a_call is None or chosen.standard is None:
        return None
    return Saving(title, reason, (chosen.standard - a_call) * chosen.load.calls)
