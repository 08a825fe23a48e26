"""Tables and a chart of cost estimates by model."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import streamlit as st

from core.token_analysis.cost_comparison import CostEstimate

_MAX_BARS = 15
_BAR_COLOUR = "#10857a"


def fit_table(estimates: Sequence[CostEstimate]) -> None:
    """Draw how much of each model's context window the input takes."""
    table = {
        "Model": [estimate.model.id for estimate in estimates],
        "Input tokens": [estimate.input_tokens for estimate in estimates],
        "Context used": [
            None if estimate.context_fraction is None else min(estimate.context_fraction, 1.0) * 100
            for estimate in estimates
        ],
        "Context window": [estimate.model.context_window for estimate in estimates],
        "Available output": [estimate.available_output_tokens for estimate in estimates],
        "Max output": [estimate.model.max_output for estimate in estimates],
        "Status": [estimate.fit_status for estimate in estimates],
    }
    numbers = ("Input tokens", "Context window", "Available output", "Max output")
    columns: dict[str, Any] = {name: st.column_config.NumberColumn(format="localized") for name in numbers}
    columns["Context used"] = st.column_config.ProgressColumn(format="%.2f %%", min_value=0, max_value=100)
    st.dataframe(
        table,
        hide_index=True,
        column_config=columns,
        alt="Share of each model's context window that the input takes",
    )


def cost_table(estimates: Sequence[CostEstimate]) -> None:
    """Draw the costs on each model with a known price."""
    priced = [estimate for estimate in estimates if estimate.standard is not None]
    table = {
        "Model": [estimate.model.id for estimate in priced],
        "Per request": [float(estimate.standard or 0) for estimate in priced],
        "1,000 requests": [_per_thousand(estimate.standard) for estimate in priced],
        "1,000 cached": [_per_thousand(estimate.cached) for estimate in priced],
        "1,000 in a batch": [_per_thousand(estimate.batch) for estimate in priced],
        "Per month": [float(estimate.monthly_cost(estimate.standard) or 0) for estimate in priced],
        "Price": ["long context" if estimate.is_long_context else "standard" for estimate in priced],
        "Source": [estimate.source for estimate in priced],
    }
    amounts = ("1,000 requests", "1,000 cached", "1,000 in a batch", "Per month")
    columns: dict[str, Any] = {name: st.column_config.NumberColumn(format="$%.2f") for name in amounts}
    columns["Per request"] = st.column_config.NumberColumn(format="$%.6f")
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        column_config=columns,
        alt="Cost of the requests by model, at list prices",
    )
    st.caption(
        "Estimated US dollars at list prices. Cached: the whole input is in the prompt cache, which requires "
        "a minimum length. Select a column header to sort."
    )


def cost_chart(estimates: Sequence[CostEstimate]) -> None:
    """Draw the cheapest models that the input fits."""
    priced = [
        estimate for estimate in estimates if estimate.standard is not None and estimate.fit_status == "fits"
    ]
    cheapest = sorted(priced, key=lambda estimate: estimate.standard or Decimal(0))[:_MAX_BARS]
    if not cheapest:
        return
    amount = "US dollars per 1,000 requests"
    table = {
        "Model": [estimate.model.id for estimate in cheapest],
        amount: [_per_thousand(estimate.standard) for estimate in cheapest],
    }
    st.bar_chart(
        table, x="Model", y=amount, horizontal=True, sort=False, color=_BAR_COLOUR, alt="Cost by model"
    )


def _per_thousand(amount: Decimal | None) -> float | None:
    """Return the cost of 1,000 requests as a float: tables and charts do not support Decimal."""
    return None if amount is None else float(amount * 1000)
