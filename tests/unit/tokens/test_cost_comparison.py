"""What fits and what it costs agrees with the model table and the price list, and advice is arithmetic."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.catalog import get_model, model_families
from core.pricing.prices import price_of
from core.tokens.cost_comparison import (
    CostEstimate,
    UsageAssumption,
    estimate_cost,
    estimate_costs,
    suggest_savings,
)

WHEN = datetime(2026, 11, 22, tzinfo=UTC)


def quoted(model_id: str, tokens: int, output: int = 500) -> CostEstimate:
    return estimate_cost(get_model(model_id), tokens, UsageAssumption(output, 1_000), WHEN)


def titles(model_id: str, tokens: int, output: int = 500) -> list[str]:
    load = UsageAssumption(output, 1_000)
    others = estimate_costs(model_families(), lambda _: tokens, load, WHEN)
    return [saving.title for saving in suggest_savings(quoted(model_id, tokens, output), others, WHEN)]


@pytest.mark.parametrize(
    ("model_id", "tokens", "output", "verdict"),
    [
        pytest.param("gpt-4o", 1_000, 500, "fits", id="fits"),
        pytest.param("gpt-4o", 127_000, 500, "fits", id="just fits"),
        pytest.param("gpt-4o", 128_001, 500, "input too long", id="longer than the window"),
        pytest.param("gpt-6-luna", 922_001, 500, "input too long", id="longer than it may be"),
        pytest.param("gpt-4o", 1_000, 16_385, "output too long", id="more than it writes"),
        pytest.param("gpt-4o", 127_000, 5_000, "no room for the output", id="no room"),
        pytest.param("text-embedding-3-small", 8_000, 500, "fits", id="an embedding writes nothing"),
        pytest.param("somebody-elses", 1_000, 500, "unknown", id="unknown"),
    ],
)
def test_says_whether_it_fits(model_id: str, tokens: int, output: int, verdict: str) -> None:
    assert quoted(model_id, tokens, output).fit_status == verdict


def test_charges_input_and_output_at_the_list_price() -> None:
    price = price_of("gpt-4o", WHEN)
    assert price is not None

    found = quoted("gpt-4o", 2_000)

    assert found.standard == (2_000 * price.input + 500 * price.output) / 1_000_000
    assert found.cached == (2_000 * price.cached + 500 * price.output) / 1_000_000
    assert found.batch == found.standard / 2
    assert found.monthly_cost(found.standard) == found.standard * 1_000


def test_charges_all_of_a_long_call_at_the_long_price() -> None:
    short, long = quoted("gpt-6-sol", 272_000, 0), quoted("gpt-6-sol", 272_001, 0)

    assert (short.is_long_context, long.is_long_context) == (False, True)
    assert (long.standard or 0) > (short.standard or 0) * Decimal("1.9")


def test_caches_no_short_input() -> None:
    assert quoted("gpt-4o", 1_023).cached is None


def test_has_no_price_for_an_unknown_model() -> None:
    assert quoted("somebody-elses", 10) == CostEstimate(
        get_model("somebody-elses"), 10, UsageAssumption(500, 1_000)
    )


def test_advises_batch_caching_and_a_smaller_model() -> None:
    assert titles("gpt-6-sol", 50_000)[:3] == [
        "Use gpt-6-luna",
        "Repeat the beginning",
        "Send them as a batch",
    ]


@pytest.mark.parametrize(("prefix", "advised"), [(1_023, False), (1_024, True)])
def test_advises_to_keep_a_beginning_that_is_long_enough_to_be_cached(prefix: int, advised: bool) -> None:
    found = suggest_savings(quoted("gpt-4o", 2_000), [], WHEN, prefix)

    assert any(saving.title == "Keep the beginning the same" for saving in found) is advised


def test_advises_to_stay_under_the_long_price() -> None:
    assert "Leave out 28,000 tokens" in titles("gpt-6-sol", 300_000)


def test_advises_shorter_output_where_that_is_most_of_the_cost() -> None:
    assert "Write 2,000 tokens instead of 4,000" in titles("gpt-6-sol", 100, output=4_000)


def test_advises_nothing_without_a_price() -> None:
    assert titles("somebody-elses", 1_000) == []


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(model_families()), st.integers(0, 1_200_000), st.integers(0, 10_000))
def test_never_advises_what_costs_more(model: object, tokens: int, output: int) -> None:
    found = [estimate_cost(one, tokens, UsageAssumption(output), WHEN) for one in model_families()]
    chosen = next(one for one in found if one.model == model)

    for saving in suggest_savings(chosen, found, WHEN):
        assert 0 < saving.monthly_amount <= (chosen.standard or 0) * chosen.assumption.requests_per_month
