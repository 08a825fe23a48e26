"""What the last runs would have cost with each way to save."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pricing.prices import BillingTerms, cost_of
from core.pricing.usage import Usage
from core.resilience.cost_tips import cost_tips, priced_runs, total_amount
from core.runs.run import Run

AT = datetime(2026, 11, 1, tzinfo=UTC)
AVAILABLE = ("gpt-4o", "gpt-4o-mini", "gpt-6-luna", "gpt-6-sol")


def run(model: str, usage: Usage | None) -> Run:
    return Run("chat", "chat.completions.create", {"model": model}, usage=usage, model=model, started_at=AT)


def savings(*runs: Run) -> dict[str, Decimal]:
    return {tip.title: tip.saving for tip in cost_tips(priced_runs(runs), AVAILABLE)}


def test_prices_each_way_to_save() -> None:
    # gpt-4o: $2.50 input, $1.25 cached and $10 output for a million tokens, half of it in a batch.
    runs = [run("gpt-4o", Usage(2_000, 500))]

    saved = savings(*runs)

    assert total_amount(priced_runs(runs)) == Decimal("0.010")
    assert saved["Use the Batch API"] == Decimal("0.005")
    assert saved["Send a tenth less input"] == Decimal("0.0005")
    assert saved["Ask for a tenth less output"] == Decimal("0.0005")
    assert saved["Keep the beginning of prompts the same"] == 1_920 * Decimal("1.25") / 1_000_000
    assert any(title.startswith("Use a smaller model") for title in saved)


@pytest.mark.parametrize(
    ("usage", "title"),
    [
        (Usage(1_000, 10), "Keep the beginning of prompts the same"),  # too short to be cached
        (Usage(1_024, 10, cached_tokens=1_024), "Keep the beginning of prompts the same"),
        (Usage(500, 0), "Ask for a tenth less output"),
    ],
)
def test_leaves_out_what_saves_nothing(usage: Usage, title: str) -> None:
    assert title not in savings(run("gpt-4o", usage))


def test_ignores_runs_without_usage_or_price() -> None:
    assert priced_runs([run("gpt-4o", None), run("llama-3-8b", Usage(10, 10))]) == []


def test_recommends_no_batch_for_what_was_in_one() -> None:
    usage = Usage(2_000, 500)
    cost = cost_of(usage, "gpt-4o", AT, BillingTerms("openai", batch=True))
    in_batch = replace(run("gpt-4o", usage), cost=cost)

    tips = cost_tips(priced_runs([in_batch, run("gpt-4o", usage)]), AVAILABLE)

    assert total_amount(priced_runs([in_batch])) == Decimal("0.005")
    assert [tip.runs for tip in tips if tip.title == "Use the Batch API"] == [1]
    assert [tip.runs for tip in tips if tip.title.startswith("Use a smaller model")] == [2]


def test_recommends_no_smaller_model_to_the_smallest() -> None:
    titles = savings(run("gpt-6-luna", Usage(2_000, 500)))

    assert not any(title.startswith("Use a smaller model") for title in titles)


@given(
    st.lists(st.tuples(st.sampled_from(AVAILABLE), st.integers(0, 10**6), st.integers(0, 10**5)), max_size=20)
)
def test_never_saves_more_than_the_runs_cost(rows: list[tuple[str, int, int]]) -> None:
    priced = priced_runs(run(model, Usage(tokens, output)) for model, tokens, output in rows)

    tips = cost_tips(priced, AVAILABLE)

    assert all(0 < tip.saving <= total_amount(priced) and tip.runs <= len(priced) for tip in tips)
    assert [tip.saving for tip in tips] == sorted((tip.saving for tip in tips), reverse=True)
