"""Look up list prices, and compute the cost of a usage with the basis of that figure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from core.models.catalog import base_id, get_model
from core.paths import DATA
from core.pricing.usage import Usage
from core.server_kind import ServerKind

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

SUPPLEMENT = DATA / "prices.json"

_MILLION = Decimal(1_000_000)
# Any other tier (a new one, a typo) has no price: genai-prices would silently return the standard price.
_PROCESSING_BY_TIER = {
    "auto": "standard",
    "default": "standard",
    "standard": "standard",
    "flex": "flex",
    "priority": "priority",
    "fast": "fast",
}
_NOT_CHARGED_REASONS = {
    "sandbox": "Sandbox: nothing is charged",
    "local": "Local server: it has no list price",
    "custom": "Not api.openai.com: this server's prices are not known",
    "azure": "Azure bills by its own price list",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars for a usage; `amount` is None when unknown, and then `basis` is the reason.

    `list_amount` is what api.openai.com would charge for the same usage, where that differs from `amount`.
    `estimated_amount` is for an estimated usage, where the server reported none. It is never part of a sum.
    """

    amount: Decimal | None
    basis: str
    cache_savings: Decimal = Decimal(0)
    list_amount: Decimal | None = None
    estimated_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars per million tokens; `cached` and `cache_write` apply to those parts of the input."""

    input: Decimal
    cached: Decimal
    cache_write: Decimal
    output: Decimal

    def charge(self, usage: Usage) -> tuple[Decimal, Decimal]:
        """Return the cost of *usage* in dollars, and what the cached input tokens saved of it."""
        # A usage may come from a saved run: no part of it is negative or larger than its total.
        input_tokens = max(usage.input_tokens, 0)
        cached = min(max(usage.cached_tokens, 0), input_tokens)
        cache_write = min(max(usage.cache_write_tokens, 0), input_tokens - cached)
        amount = (
            (input_tokens - cached - cache_write) * self.input
            + cached * self.cached
            + cache_write * self.cache_write
            + max(usage.output_tokens, 0) * self.output
        )
        return amount / _MILLION, cached * (self.input - self.cached) / _MILLION


@dataclass(frozen=True, slots=True)
class Price(Rates):
    """A list price.

    A request of more than `long_context_threshold` input tokens pays `long_context_rates` for *all* its
    tokens.
    """

    model_id: str
    processing: str
    source: str
    as_of: date | None = None
    note: str = ""
    long_context_threshold: int | None = None
    long_context_rates: Rates | None = None

    def rates_for(self, input_tokens: int) -> Rates:
        is_long = self.long_context_threshold is not None and input_tokens > self.long_context_threshold
        return self.long_context_rates if is_long and self.long_context_rates else self


@dataclass(frozen=True, slots=True)
class BillingTerms:
    """How a usage is charged; `billed` when the server reported the usage, False when it is an estimate."""

    server_kind: ServerKind = "openai"
    service_tier: str | None = None
    batch: bool = False
    billed: bool = True


def price_of(
    model_id: str, when: datetime, service_tier: str | None = None, batch: bool = False
) -> Price | None:
    """Return the price of api.openai.com at *when*; None for a model or a tier without a known price."""
    processing = "batch" if batch else _PROCESSING_BY_TIER.get(service_tier or "standard")
    if processing is None or len(model_id) > 200:
        return None
    return _supplement_price(model_id, processing, when) or _genai_price(model_id, processing, when)


def cost_of(usage: Usage | None, model_id: str, when: datetime, terms: BillingTerms = BillingTerms()) -> Cost:
    """Return the cost of *usage* at the list price of *when*.

    Only responses of api.openai.com have an amount. The sandbox is free of charge. For any other server
    `amount` is None, with `list_amount` to compare.
    """
    if usage is None:
        return Cost(None, "The server did not report how many tokens it used.")
    price = price_of(model_id, when, terms.service_tier, terms.batch)
    not_charged = _NOT_CHARGED_REASONS.get(terms.server_kind)
    free_or_unknown = Decimal(0) if terms.server_kind == "sandbox" else None
    if price is None:
        processing = "batch" if terms.batch else terms.service_tier
        tier = f" with {processing[:40]!r} processing" if processing else ""
        no_price = f"No list price is known for {model_id[:80]!r}{tier}."
        return Cost(free_or_unknown, f"{not_charged}." if not_charged else no_price)
    amount, savings = price.rates_for(usage.input_tokens).charge(usage)
    basis = _basis(price, usage, terms)
    if not_charged is None:
        return Cost(amount, basis, savings)
    return Cost(free_or_unknown, f"{not_charged}. For comparison: {basis}", list_amount=amount)


def price_summary(model_id: str, when: datetime) -> str:
    """Format the standard price as "$0.10 input · $0.50 output per 1M tokens"; empty when unknown."""
    price = price_of(model_id, when)
    if price is None:
        return ""
    output = f" · {format_rate(price.output)} output" if price.output else ""
    return f"{format_rate(price.input)} input{output} per 1M tokens"


def _basis(price: Price, usage: Usage, terms: BillingTerms) -> str:
    usage_source = "Billed" if terms.billed else "Estimated"
    as_of = f" as of {price.as_of}" if price.as_of else ""
    is_long_context = price.rates_for(usage.input_tokens) is not price
    details = [
        f"{price.source}{as_of}",
        f"{price.processing} processing" if price.processing != "standard" else "",
        f"long context, over {price.long_context_threshold:,} input tokens" if is_long_context else "",
        price.note,
    ]
    return f"{usage_source} usage x list price of {price.model_id} ({'; '.join(filter(None, details))})."


def _supplement_price(model_id: str, processing: str, when: datetime) -> Price | None:
    """Look *model_id* up in `data/prices.json`, which has what genai-prices does not have yet."""
    family = model_id if model_id.startswith("ft:") else get_model(model_id).family
    day = (when.astimezone(UTC) if when.tzinfo else when).date().isoformat()
    supplement = _load_supplement()
    for row in supplement["prices"]:
        if (row["id"], row["processing"]) == (family, processing) and row["from"] <= day:
            return Price(
                input=Decimal(row["input"]),
                # A rate that is not published is charged as plain input; the note of the row says so.
                cached=Decimal(row["cached"] or row["input"]),
                cache_write=Decimal(row["cache_write"] or row["input"]),
                output=Decimal(row["output"]),
                model_id=row["id"],
                processing=row["processing"],
                source="price supplement",
                as_of=date.fromisoformat(supplement["as_of"]),
                note=row["note"],
            )
    return None


def _genai_price(model_id: str, processing: str, when: datetime) -> Price | None:
    import genai_prices  # late: the pages import this module, and most of their visits need no price

    model_ref = model_id if model_id.startswith("ft:") else base_id(model_id)
    model = _genai_model(model_ref)
    if model is None:
        return None
    context = {"processing" if processing == "batch" else "service_tier": processing}
    has_variant = any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(when))
        for variant in model.price_variants or ()
    )
    # Without such a variant, get_prices would return the standard price.
    if processing != "standard" and not has_variant:
        return None
    prices = model.get_prices(when, context)
    if prices.input_mtok is None:
        return None
    tiered = (price for price in vars(prices).values() if hasattr(price, "tiers"))
    # OpenAI has one long-context tier; were there more, the first would be an underestimate to notice.
    threshold = min((tier.start for price in tiered for tier in price.tiers), default=None)
    standard = _rates(prices, 0)
    return Price(
        standard.input,
        standard.cached,
        standard.cache_write,
        standard.output,
        model.id,
        processing,
        source=f"genai-prices {genai_prices.__version__}",
        long_context_threshold=threshold,
        long_context_rates=None if threshold is None else _rates(prices, threshold + 1),
    )


@lru_cache(maxsize=512)
def _genai_model(model_ref: str) -> "ModelInfo | None":
    """Find the model by that name: genai-prices calculates a price for it, which takes most of the time."""
    import genai_prices

    try:
        return genai_prices.calc_price(genai_prices.Usage(), model_ref, provider_id="openai").model
    except LookupError:
        return None


def _rates(prices: "ModelPrice", input_tokens: int) -> Rates:
    """Return the rates for a request of *input_tokens*; cached input without a rate is plain input."""
    plain = _rate(prices.input_mtok, input_tokens) or Decimal(0)
    cached = _rate(prices.cache_read_mtok, input_tokens)
    cache_write = _rate(prices.cache_write_mtok, input_tokens)
    return Rates(
        input=plain,
        cached=plain if cached is None else cached,
        cache_write=plain if cache_write is None else cache_write,
        output=_rate(prices.output_mtok, input_tokens) or Decimal(0),
    )


def _rate(price: "Decimal | TieredPrices | None", input_tokens: int) -> Decimal | None:
    if price is None or isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return reached[-1] if reached else price.base


def format_rate(rate: Decimal) -> str:
    """At least cents, and no trailing zeros beyond them: $40, $0.10, $0.065."""
    if rate == rate.to_integral_value():
        return f"${rate:.0f}"
    cents, exact = rate.quantize(Decimal("0.01")), rate.normalize()
    decimals = -int(exact.as_tuple().exponent)
    return f"${exact if decimals > 2 else cents}"


def total_cost(costs: Sequence[Cost]) -> Cost | None:
    """Add up *costs*, None if there are none; an unknown amount makes the total unknown."""
    if not costs:
        return None
    amounts = [cost.amount for cost in costs]
    list_amounts = [cost.list_amount for cost in costs if cost.list_amount is not None]
    known = [amount for amount in amounts if amount is not None]
    total = sum(known, Decimal(0)) if len(known) == len(amounts) else None
    list_total = sum(list_amounts, Decimal(0)) if list_amounts else None
    return Cost(total, costs[0].basis, list_amount=list_total)


@cache
def _load_supplement() -> dict[str, Any]:
    supplement: dict[str, Any] = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    return supplement
