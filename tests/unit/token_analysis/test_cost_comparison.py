"""Fit and cost agree with the model table and the price list, and suggestions are arithmetic."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.catalog import get_model, model_families
from core.pricing.prices import price_of
from core.token_analysis.cost_comparison import (
    CostEstimate,
    UsageAssumption,
    estimate_cost,
    estimate_costs,
    suggest_savings,
)

WHEN = datetime(2026, 11, 22, tzinfo=UTC)


def estimated(model_id: str, tokens: int, output: int = 500) -> CostEstimate:
    return estimate_cost(get_model(model_id), tokens, UsageAssumption(output, 1_000), WHEN)


def suggested_titles(model_id: str, tokens: int, output: int = 500) -> list[str]:
    assumption = UsageAssumption(output, 1_000)
    others = estimate_costs(model_families(), lambda _: tokens, assumption, WHEN)
    return [saving.title for saving in suggest_savings(estimated(model_id, tokens, output), others, WHEN)]


@pytest.mark.parametrize(
    ("model_id", "tokens", "output", "fit_status"),
    [
        pytest.param("gpt-4o", 1_000, 500, "fits", id="fits"),
        pytest.param("gpt-4o", 127_000, 500, "fits", id="just fits"),
        pytest.param("gpt-4o", 128_001, 500, "input too long", id="longer than the window"),
        pytest.param("gpt-6-luna", 922_001, 500, "input too long", id="longer than the maximum input"),
        pytest.param("gpt-4o", 1_000, 16_385, "output too long", id="longer than the maximum output"),
        pytest.param("gpt-4o", 127_000, 5_000, "input plus output too long", id="longer in total"),
        pytest.param("text-embedding-3-small", 8_000, 500, "fits", id="an embedding has no output"),
        pytest.param("somebody-elses", 1_000, 500, "unknown", id="unknown"),
    ],
)
def test_reports_whether_the_input_fits(model_id: str, tokens: int, output: int, fit_status: str) -> None:
    assert estimated(model_id, tokens, output).fit_status == fit_status


def test_charges_input_and_output_at_the_list_price() -> None:
    price = price_of("gpt-4o", WHEN)
    assert price is not None

    estimate = estimated("gpt-4o", 2_000)

    assert estimate.standard == (2_000 * price.input + 500 * price.output) / 1_000_000
    assert estimate.cached == (2_000 * price.cached + 500 * price.output) / 1_000_000
    assert estimate.batch == estimate.standard / 2
    assert estimate.monthly_cost(estimate.standard) == estimate.standard * 1_000


def test_charges_all_of_a_long_request_at_the_long_context_price() -> None:
    short, long = estimated("gpt-6-sol", 272_000, 0), estimated("gpt-6-sol", 272_001, 0)

    assert (short.is_long_context, long.is_long_context) == (False, True)
    assert (long.standard or 0) > (short.standard or 0) * Decimal("1.9")


def test_has_no_cached_cost_for_a_short_input() -> None:
    assert estimated("gpt-4o", 1_023).cached is None


def test_has_no_cost_for_an_unknown_model() -> None:
    assert estimated("somebody-elses", 10) == CostEstimate(
        get_model("somebody-elses"), 10, UsageAssumption(500, 1_000)
    )


def test_suggests_batch_caching_and_a_smaller_model() -> None:
    assert suggested_titles("gpt-6-sol", 50_000)[:3] == [
        "Use gpt-6-luna",
        "Use prompt caching",
        "Use the Batch API",
    ]


@pytest.mark.parametrize(("prefix_tokens", "suggested"), [(1_023, False), (1_024, True)])
def test_suggests_to_keep_a_prefix_that_is_long_enough_to_be_cached(
    prefix_tokens: int, suggested: bool
) -> None:
    savings = suggest_savings(estimated("gpt-4o", 2_000), [], WHEN, prefix_tokens)

    assert any(saving.title == "Keep the prompt prefix unchanged" for saving in savings) is suggested


def test_suggests_to_stay_below_the_long_context_price() -> None:
    assert "Remove 28,000 input tokens" in suggested_titles("gpt-6-sol", 300_000)


def test_suggests_a_shorter_output_if_it_is_most_of_the_cost() -> None:
    titles = suggested_titles("gpt-6-sol", 100, output=4_000)

    assert "Reduce the output from 4,000 to 2,000 tokens" in titles


def test_suggests_nothing_without_a_price() -> None:
    assert suggested_titles("somebody-elses", 1_000) == []


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(model_families()), st.integers(0, 1_200_000), st.integers(0, 10_000))
def test_never_suggests_what_costs_more(model: object, tokens: int, output: int) -> None:
    estimates = estimate_costs(model_families(), lambda _: tokens, UsageAssumption(output), WHEN)
    selected = next(estimate for estimate in estimates if estimate.model == model)
    monthly_cost = selected.monthly_cost(selected.standard) or 0

    for saving in suggest_savings(selected, estimates, WHEN):
        assert 0 < saving.monthly_amount <= monthly_cost
