"""What tokens cost, with the basis of the figure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from core.models.catalog import base_id, get_model
from core.paths import DATA
from core.pricing.usage import Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

SUPPLEMENT = DATA / "prices.json"
Provider = Literal["sandbox", "openai", "local", "custom", "azure"]

_MILLION = Decimal(1_000_000)
# Other words (a tier of tomorrow, a typo) have no price: genai-prices would silently take the standard one.
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
    """US dollars for a usage; `amount` is None when unknown, and then `basis` says why.

    `list_amount` is what api.openai.com would charge for the same usage, where that is another figure.
    """

    amount: Decimal | None
    basis: str
    cache_savings: Decimal = Decimal(0)
    list_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """US dollars a million tokens; `cached` and `cache_write` are for those parts of the input."""

    input: Decimal
    cached: Decimal
    cache_write: Decimal
    output: Decimal


@dataclass(frozen=True, slots=True)
class Price(Rates):
    """A list price. A request of more than `long_after` input tokens pays `long` for *all* its tokens."""

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
    """How a usage is charged: by whom, at which processing, and whether the figure is the server's own."""

    provider: Provider = "openai"
    service_tier: str | None = None
    batch: bool = False
    billed: bool = True


def price_of(
    model_id: str, when: datetime, service_tier: str | None = None, batch: bool = False
) -> Price | None:
    """Look up what api.openai.com charged at *when*; None when no source says, or for an unknown tier."""
    processing = "batch" if batch else _PROCESSING_BY_TIER.get(service_tier or "standard")
    if processing is None or len(model_id) > 200:
        return None
    return _supplemented(model_id, processing, when) or _listed(model_id, processing, when)


def cost_of(usage: Usage | None, model_id: str, when: datetime, terms: BillingTerms = BillingTerms()) -> Cost:
    """Price *usage* at the list price of *when*; only api.openai.com's own replies get an amount.

    The sandbox costs nothing. For every other server `amount` is None, with `list_amount` to compare.
    """
    if usage is None:
        return Cost(None, "The server did not say how many tokens it used.")
    price = price_of(model_id, when, terms.service_tier, terms.batch)
    reason = _NOT_CHARGED_REASONS.get(terms.provider)
    if price is None:
        free = Decimal(0) if terms.provider == "sandbox" else None
        return Cost(free, f"{reason}." if reason else _why_unknown(model_id, terms))
    amount, savings = _charge(usage, price.rates_for(usage.input_tokens))
    if reason is None:
        return Cost(amount, _basis(price, usage, terms), savings)
    basis = f"{reason}. For comparison: {_basis(price, usage, terms)}"
    return Cost(Decimal(0) if terms.provider == "sandbox" else None, basis, list_amount=amount)


def price_summary(model_id: str, when: datetime) -> str:
    """Say the standard price in short, as "$0.10 in · $0.50 out a million"; empty when unknown."""
    price = price_of(model_id, when)
    if price is None:
        return ""
    output = f" · {_dollars(price.output)} out" if price.output else ""
    return f"{_dollars(price.input)} in{output} a million"


def _charge(usage: Usage, rates: Rates) -> tuple[Decimal, Decimal]:
    """Return the amount and what the cache saved of it; no part of the input exceeds the input."""
    tokens_in = max(usage.input_tokens, 0)
    cached = min(max(usage.cached_tokens, 0), tokens_in)
    written = min(max(usage.cache_write_tokens, 0), tokens_in - cached)
    amount = (
        (tokens_in - cached - written) * rates.input
        + cached * rates.cached
        + written * rates.cache_write
        + max(usage.output_tokens, 0) * rates.output
    )
    return amount / _MILLION, cached * (rates.input - rates.cached) / _MILLION


def _basis(price: Price, usage: Usage, terms: BillingTerms) -> str:
    tokens = "Billed" if terms.billed else "Estimated"
    as_of = f" as of {price.as_of}" if price.as_of else ""
    is_long = price.rates_for(usage.input_tokens) is not price
    details = [
        f"{price.source}{as_of}",
        f"{price.processing} processing" if price.processing != "standard" else "",
        f"long context, over {price.long_context_threshold:,} tokens in" if is_long else "",
        price.note,
    ]
    return f"{tokens} usage x list price of {price.model_id} ({'; '.join(filter(None, details))})."


def _why_unknown(model_id: str, terms: BillingTerms) -> str:
    processing = "batch" if terms.batch else terms.service_tier
    of_tier = f" with {processing[:40]!r} processing" if processing else ""
    return f"No list price is known for {model_id[:80]!r}{of_tier}."


def _supplemented(model_id: str, processing: str, when: datetime) -> Price | None:
    family = model_id if model_id.startswith("ft:") else get_model(model_id).family
    table = _supplement()
    for row in table["prices"]:
        if (row["id"], row["processing"]) == (family, processing) and row["from"] <= _day(when).isoformat():
            return _from_row(row, table["as_of"])
    return None


def _from_row(row: Mapping[str, Any], as_of: str) -> Price:
    """What is not published is charged as plain input, which its note says."""
    plain = Decimal(row["input"])
    return Price(
        input=plain,
        cached=Decimal(row["cached"] or plain),
        cache_write=Decimal(row["cache_write"] or plain),
        output=Decimal(row["output"]),
        model_id=row["id"],
        processing=row["processing"],
        source="price supplement",
        as_of=date.fromisoformat(as_of),
        note=row["note"],
    )


def _listed(model_id: str, processing: str, when: datetime) -> Price | None:
    import genai_prices

    ref = model_id if model_id.startswith("ft:") else base_id(model_id)
    try:
        found = genai_prices.calc_price(genai_prices.Usage(), ref, provider_id="openai").model
    except LookupError:
        return None
    context = {"processing" if processing == "batch" else "service_tier": processing}
    if processing != "standard" and not _has_variant(found, context, when):
        return None
    prices = found.get_prices(when, context)
    source = f"genai-prices {genai_prices.__version__}"
    return _from_library(prices, found.id, processing, source)


def _has_variant(found: "ModelInfo", context: dict[str, str], when: datetime) -> bool:
    return any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(when))
        for variant in found.price_variants or ()
    )


def _from_library(prices: "ModelPrice", model_id: str, processing: str, source: str) -> Price | None:
    if prices.input_mtok is None:
        return None
    base, starts = _rates(prices, 0), _long_starts(prices)
    # OpenAI has one long-context tier; were there more, the first would be an underestimate to notice.
    after = min(starts, default=None)
    return Price(
        base.input,
        base.cached,
        base.cache_write,
        base.output,
        model_id,
        processing,
        source,
        long_context_threshold=after,
        long_context_rates=None if after is None else _rates(prices, after + 1),
    )


def _rates(prices: "ModelPrice", input_tokens: int) -> Rates:
    plain = _rate(prices.input_mtok, input_tokens) or Decimal(0)
    cached = _rate(prices.cache_read_mtok, input_tokens)
    written = _rate(prices.cache_write_mtok, input_tokens)
    return Rates(
        input=plain,
        cached=plain if cached is None else cached,
        cache_write=plain if written is None else written,
        output=_rate(prices.output_mtok, input_tokens) or Decimal(0),
    )


def _rate(price: "Decimal | TieredPrices | None", input_tokens: int) -> Decimal | None:
    if price is None or isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if input_tokens > tier.start]
    return reached[-1] if reached else price.base


def _long_starts(prices: "ModelPrice") -> set[int]:
    tiered = (price for price in vars(prices).values() if hasattr(price, "tiers"))
    return {tier.start for price in tiered for tier in price.tiers}


def _day(when: datetime) -> date:
    return (when.astimezone(UTC) if when.tzinfo else when).date()


def _dollars(amount: Decimal) -> str:
    """At least cents, and no more digits than it takes: $40, $0.10, $0.065."""
    if amount == amount.to_integral_value():
        return f"${amount:.0f}"
    return f"${max(amount.quantize(Decimal('0.01')), amount.normalize(), key=_digits)}"


def _digits(amount: Decimal) -> int:
    return -int(amount.as_tuple().exponent)


@cache
def _supplement() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(SUPPLEMENT.read_text(encoding="utf-8"))
    return table
