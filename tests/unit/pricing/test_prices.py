"""A cost is exact, never negative, and states its basis or why it is unknown."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Literal

import genai_prices
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from core.models.catalog import model_families
from core.pricing.prices import SUPPLEMENT, BillingTerms, cost_of, price_of, price_summary
from core.pricing.usage import Usage
from core.server_kind import ServerKind

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Dollars = Annotated[Decimal, Field(ge=0)]

usages = st.builds(Usage, *[st.integers(-5, 10**7)] * 5)


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: str
    processing: Literal["standard", "batch"]
    since: Annotated[date, Field(alias="from")]
    input: Dollars
    cached: Dollars | None
    cache_write: Dollars | None
    output: Dollars
    source: str
    note: str


class Supplement(BaseModel):
    model_config = ConfigDict(extra="forbid")
    as_of: date
    unit: str
    sources: dict[str, str]
    prices: list[Row]


def test_names_the_sources_of_the_supplement() -> None:
    supplement = Supplement.model_validate(json.loads(SUPPLEMENT.read_text(encoding="utf-8")))

    assert {row.source for row in supplement.prices} == set(supplement.sources)


@pytest.mark.parametrize(
    ("model_id", "usage", "amount"),
    [
        pytest.param("gpt-4o", Usage(1000, 100), "0.0035", id="plain"),
        pytest.param("gpt-4o", Usage(1000, 100, 400), "0.0030", id="cached"),
        pytest.param("gpt-6-sol", Usage(10_000, 500, 4000, 2000), "0.0188", id="cached and cache writes"),
        pytest.param("gpt-6-astra", Usage(272_000), "2.72", id="just below the long context"),
        pytest.param("gpt-6-astra", Usage(272_001), "5.44002", id="long context, all input is repriced"),
        pytest.param(
            "gpt-6-astra",
            Usage(272_001, 1_000_000),
            "80.44002",
            id="long context, the output is repriced too",
        ),
        pytest.param("text-embedding-3-small", Usage(1000), "0.00002", id="embedding"),
        pytest.param("gpt-6.2-astra", Usage(1_000_000, 1_000_000, 500_000), "44.2", id="supplement"),
        pytest.param("gpt-4o-mini-2024-07-18", Usage(1_000_000), "0.15", id="snapshot"),
        pytest.param("openai/gpt-4o-mini", Usage(1_000_000), "0.15", id="with a vendor prefix"),
    ],
)
def test_computes_the_cost(model_id: str, usage: Usage, amount: str) -> None:
    assert cost_of(usage, model_id, NOW).amount == Decimal(amount)


@pytest.mark.parametrize(
    ("model_id", "input_rate", "cached", "cache_write", "output_rate"),
    [
        ("gpt-6.2-astra", "8", "0.40", "8", "40"),
        ("gpt-6.2-sol", "2", "2", "2", "10"),
        ("gpt-6-astra", "10", "1", "12.5", "50"),
        ("gpt-6.1-sol", "2", "0.10", "2.5", "10"),
        ("gpt-6.1-terra", "1", "0.05", "1.25", "5"),
        ("gpt-6-sol", "2", "0.20", "2.5", "10"),
        ("gpt-6-luna", "0.10", "0.01", "0.125", "0.50"),
        ("gpt-5.6-sol", "4", "0.40", "5", "20"),
        ("gpt-5.6-terra", "2", "0.20", "2.5", "12"),
        ("gpt-5.6-luna", "0.20", "0.02", "0.25", "1.2"),
        ("gpt-5.5", "5", "0.5", "5", "30"),
        ("gpt-5.4", "2.5", "0.25", "2.5", "15"),
        ("gpt-5.4-mini", "0.75", "0.075", "0.75", "4.5"),
        ("gpt-5.4-nano", "0.20", "0.02", "0.20", "1.25"),
        ("gpt-5.2", "1.75", "0.175", "1.75", "14"),
        ("gpt-5.2-pro", "21", "21", "21", "168"),
        ("gpt-5.1", "1.25", "0.125", "1.25", "10"),
        ("gpt-5", "1.25", "0.125", "1.25", "10"),
        ("gpt-5-mini", "0.25", "0.025", "0.25", "2"),
        ("gpt-5-nano", "0.05", "0.005", "0.05", "0.4"),
        ("gpt-4.1", "2", "0.5", "2", "8"),
        ("gpt-4.1-mini", "0.4", "0.1", "0.4", "1.6"),
        ("gpt-4o", "2.5", "1.25", "2.5", "10"),
        ("gpt-4o-mini", "0.15", "0.075", "0.15", "0.6"),
        ("o3", "2", "0.5", "2", "8"),
        ("text-embedding-3-small", "0.02", "0.02", "0.02", "0"),
        ("text-embedding-3-large", "0.13", "0.13", "0.13", "0"),
        ("text-embedding-ada-002", "0.10", "0.10", "0.10", "0"),
    ],
)
def test_returns_the_list_price(
    model_id: str, input_rate: str, cached: str, cache_write: str, output_rate: str
) -> None:
    price = price_of(model_id, NOW)

    assert price is not None
    expected = [Decimal(rate) for rate in (input_rate, cached, cache_write, output_rate)]
    assert [price.input, price.cached, price.cache_write, price.output] == expected


@pytest.mark.parametrize(
    ("model_id", "input_rate", "output_rate"),
    [
        ("gpt-6-luna", "0.05", "0.25"),
        ("gpt-6.2-sol", "1", "5"),
        ("gpt-5.4-nano", "0.1", "0.625"),
        ("gpt-5.2-pro", "10.5", "84"),
        ("gpt-4o-mini", "0.075", "0.3"),
        ("text-embedding-3-small", "0.01", "0"),
        ("text-embedding-3-large", "0.065", "0"),
        ("text-embedding-ada-002", "0.05", "0"),
    ],
)
def test_charges_half_for_a_batch(model_id: str, input_rate: str, output_rate: str) -> None:
    price = price_of(model_id, NOW, batch=True)

    assert price is not None
    assert (price.input, price.output) == (Decimal(input_rate), Decimal(output_rate))


@pytest.mark.parametrize(
    ("tier", "input_rate"), [(None, "2"), ("default", "2"), ("flex", "1"), ("priority", "4"), ("fast", "4")]
)
def test_prices_each_service_tier(tier: str | None, input_rate: str) -> None:
    price = price_of("gpt-6-sol", NOW, tier)

    assert price is not None
    assert price.input == Decimal(input_rate)


@pytest.mark.parametrize(
    ("model_id", "tier", "batch"),
    [
        pytest.param("gpt-6-sol", "btach", False, id="a typo"),
        pytest.param("gpt-6-sol", "ultrafast", False, id="a new tier"),
        pytest.param("gpt-3.5-turbo", "flex", False, id="a tier the model does not have"),
        pytest.param("gpt-7-sol", None, False, id="an unknown model"),
        pytest.param("x" * 10_000, None, False, id="a long id"),
        pytest.param("", None, False, id="no id"),
    ],
)
def test_never_guesses_a_price(model_id: str, tier: str | None, batch: bool) -> None:
    assert price_of(model_id, NOW, tier, batch) is None
    cost = cost_of(Usage(10, 10), model_id, NOW, BillingTerms(service_tier=tier, batch=batch))
    assert cost.amount is None
    assert len(cost.basis) <= 300


def test_uses_the_price_of_the_day() -> None:
    before, after = (price_of("gpt-5.6-sol", datetime(2026, 8, day, tzinfo=UTC)) for day in (20, 21))

    assert before is not None
    assert after is not None
    assert (before.input, after.input) == (Decimal(5), Decimal(4))


def test_has_no_price_before_the_release_of_a_model() -> None:
    assert price_of("gpt-6.2-sol", datetime(2026, 11, 16, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("server_kind", "amount", "list_amount"),
    [
        ("openai", "0.0035", None),
        ("sandbox", "0", "0.0035"),
        ("custom", None, "0.0035"),
        ("azure", None, "0.0035"),
    ],
)
def test_charges_only_what_a_server_of_the_kind_charges(
    server_kind: ServerKind, amount: str | None, list_amount: str | None
) -> None:
    cost = cost_of(Usage(1000, 100), "gpt-4o", NOW, BillingTerms(server_kind))

    assert cost.amount == (amount and Decimal(amount))
    assert cost.list_amount == (list_amount and Decimal(list_amount))


def test_explains_why_a_local_model_has_no_cost() -> None:
    assert (
        cost_of(Usage(1, 1), "llama3.2", NOW, BillingTerms("local")).basis
        == "Local server: it has no list price."
    )


def test_explains_that_the_server_reported_no_usage() -> None:
    assert cost_of(None, "gpt-4o", NOW).basis == "The server did not report how many tokens it used."


def test_states_the_basis_of_a_cost() -> None:
    basis = cost_of(Usage(300_000), "gpt-6-luna", NOW, BillingTerms(batch=True, billed=False)).basis

    version = genai_prices.__version__
    assert basis == (
        f"Estimated usage x list price of gpt-6-luna (genai-prices {version}; batch processing; "
        "long context, over 272,000 input tokens)."
    )


def test_reports_the_savings_of_the_cache() -> None:
    assert cost_of(Usage(1000, 100, 400), "gpt-4o", NOW).cache_savings == Decimal("0.0005")


@given(usages, st.sampled_from([model.id for model in model_families()]), st.booleans())
def test_is_never_negative(usage: Usage, model_id: str, batch: bool) -> None:
    amount = cost_of(usage, model_id, NOW, BillingTerms(batch=batch)).amount

    assert amount is None or amount >= 0


@given(
    st.integers(0, 400_000), st.integers(0, 10**5), st.sampled_from([model.id for model in model_families()])
)
def test_agrees_with_genai_prices(input_tokens: int, output_tokens: int, model_id: str) -> None:
    usage = Usage(input_tokens, output_tokens, input_tokens // 3)
    price = price_of(model_id, NOW)
    assume(price is not None and price.source.startswith("genai-prices"))
    raw = genai_prices.Usage(
        input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=input_tokens // 3
    )
    expected = genai_prices.calc_price(raw, model_id, provider_id="openai", genai_request_timestamp=NOW)

    assert cost_of(usage, model_id, NOW).amount == expected.total_price


@pytest.mark.parametrize(
    ("model_id", "text"),
    [
        ("gpt-6-luna", "$0.10 input · $0.50 output per 1M tokens"),
        ("gpt-4o-mini", "$0.15 input · $0.60 output per 1M tokens"),
        ("gpt-6.2-astra", "$8 input · $40 output per 1M tokens"),
        ("text-embedding-3-large", "$0.13 input per 1M tokens"),
        ("gpt-4o-mini-nobody-knows", ""),
    ],
)
def test_summarises_the_price(model_id: str, text: str) -> None:
    assert price_summary(model_id, NOW) == text


def test_does_not_import_genai_prices_before_it_is_needed() -> None:
    script = "import sys, core.pricing.prices; print('genai_prices' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "False"
