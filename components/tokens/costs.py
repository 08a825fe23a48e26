"""What fits which model, and what it would cost there."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import streamlit as st

from components.session import session
from components.ui.formatting import format_dollars, metric_line
from components.ui.markdown_escape import escape_markdown
from core.models.availability import available_models
from core.models.catalog import Model, get_model
from core.tokens.analysis import TokenAnalysis, count_for_model
from core.tokens.cost_comparison import (
    CostEstimate,
    CostSaving,
    UsageAssumption,
    estimate_costs,
    suggest_savings,
)

_MAX_BARS = 15
_BAR_COLOUR = "#10857a"


def costs_panel(found: TokenAnalysis) -> None:
    """Draw fit and costs across the models on offer, and how to pay less with the chosen one."""
    now = datetime.now(UTC)
    load = _load()
    models = _models(found.options.model)
    with st.spinner("Counting for every model…", show_time=True):
        quoted = estimate_costs(models, _counter(found), load, now)
    chosen = next((quote for quote in quoted if quote.model.id == found.options.model), None)
    if chosen:
        _chosen(chosen)
        _advice(suggest_savings(chosen, quoted, now, found.shared_prefix_tokens))
    st.subheader("Does it fit?", anchor=False)
    _fit_table(quoted)
    st.subheader("What does it cost?", anchor=False)
    _cost_table(quoted)
    kind = chosen.model.kind if chosen else "chat"
    _chart([quote for quote in quoted if quote.model.kind == kind])


def _load() -> UsageAssumption:
    with st.container(horizontal=True, gap="medium"):
        output = st.number_input(
            "Output tokens a call",
            0,
            1_000_000,
            500,
            step=100,
            key="tokens.output",
            persist_state="session",
            width=180,
            help="An assumption: how long the answers are, with their reasoning.",
        )
        calls = st.number_input(
            "Calls a month",
            1,
            1_000_000_000,
            10_000,
            step=1_000,
            key="tokens.calls",
            persist_state="session",
            width=180,
        )
    return UsageAssumption(int(output), int(calls))


def _models(chosen: str) -> list[Model]:
    """The families on offer that are not shut down; of snapshots only the chosen one."""
    today = datetime.now(UTC).date()
    on_offer = [
        shelf.model
        for shelf in available_models(session.connection().models or None, today)
        if shelf.lifecycle.status != "shut_down" and shelf.model.kind in ("chat", "embedding")
    ]
    models = [model for model in on_offer if model.id in (model.family, chosen)]
    return (
        models if not chosen or any(model.id == chosen for model in models) else [get_model(chosen), *models]
    )


def _counter(found: TokenAnalysis) -> Any:
    """Count once for all models that count alike."""
    known: dict[str, int] = session.live_session().token_session.memoised("counts", found, None, dict)

    def count(model: Model) -> int:
        alike = model.family if found.params else model.encoding
        if alike not in known:
            known[alike] = count_for_model(found, model.id)
        return known[alike]

    return count


def _chosen(quote: CostEstimate) -> None:
    window = quote.model.context_window
    if quote.context_fraction is not None and window:
        taken = (
            f"{quote.input_tokens:,} of the {window:,} tokens of {escape_markdown(quote.model.id)}'s window"
        )
        st.progress(
            min(quote.context_fraction, 1.0),
            text=f"{taken} ({_percent(quote.context_fraction)}): {quote.fit_status}.",
        )
    if quote.standard is None:
        st.caption(f"No list price is known for {escape_markdown(quote.model.id[:80])}.")
        return
    calls = {"a call": quote.standard, "1,000 calls": quote.standard * 1000}
    month = {"a month": quote.standard * quote.assumption.requests_per_month}
    metric_line({label: format_dollars(amount) for label, amount in (calls | month).items()})
    if quote.is_long_context:
        st.warning(
            f"More than {quote.long_context_threshold:,} tokens in: all of the call "
            "costs the long-context price."
        )


def _percent(share: float) -> str:
    return "less than 0.1 %" if 0 < share < 0.001 else f"{share * 100:,.1f} %"


def _advice(found: list[CostSaving]) -> None:
    if found:
        st.subheader("Ways to pay less", anchor=False)
    for saving in found:
        st.markdown(
            f"**{saving.title}** saves about **{escape_markdown(format_dollars(saving.monthly_amount))}** "
            f"a month. {saving.reason}"
        )


def _fit_table(quoted: list[CostEstimate]) -> None:
    table = {
        "Model": [quote.model.id for quote in quoted],
        "Tokens": [quote.input_tokens for quote in quoted],
        "Of the window": [
            None if quote.context_fraction is None else min(quote.context_fraction, 1.0) * 100
            for quote in quoted
        ],
        "Window": [quote.model.context_window for quote in quoted],
        "Room for output": [quote.available_output_tokens for quote in quoted],
        "Most output": [quote.model.max_output for quote in quoted],
        "Verdict": [quote.fit_status for quote in quoted],
    }
    bar = st.column_config.ProgressColumn(format="%.2f %%", min_value=0, max_value=100)
    numbers = ("Tokens", "Window", "Room for output", "Most output")
    columns: dict[str, Any] = {name: st.column_config.NumberColumn(format="localized") for name in numbers}
    st.dataframe(
        table,
        hide_index=True,
        column_config={**columns, "Of the window": bar},
        alt="How much of each model's context window the input takes",
    )


def _cost_table(quoted: list[CostEstimate]) -> None:
    priced = [quote for quote in quoted if quote.standard is not None]
    table = {
        "Model": [quote.model.id for quote in priced],
        "A call": [float(quote.standard or 0) for quote in priced],
        "1,000 calls": [_thousand(quote.standard) for quote in priced],
        "1,000 cached": [_thousand(quote.cached) for quote in priced],
        "1,000 as a batch": [_thousand(quote.batch) for quote in priced],
        "A month": [float(quote.monthly_cost(quote.standard) or 0) for quote in priced],
        "Price": ["long context" if quote.is_long_context else "standard" for quote in priced],
        "Source": [quote.source for quote in priced],
    }
    money = ("1,000 calls", "1,000 cached", "1,000 as a batch", "A month")
    columns: dict[str, Any] = {name: st.column_config.NumberColumn(format="$%.2f") for name in money}
    columns["A call"] = st.column_config.NumberColumn(format="$%.6f")
    st.dataframe(
        table,
        hide_index=True,
        placeholder="–",
        column_config=columns,
        alt="List prices of the calls by model",
    )
    st.caption(
        "US dollars at list prices, estimated. Cached: the whole input is still in the cache, which needs "
        "some length. Select a column's head to sort."
    )


def _thousand(amount: Decimal | None) -> float | None:
    """Dollars for 1,000 calls; a float because tables and charts know no Decimal."""
    return None if amount is None else float(amount * 1000)


def _chart(quoted: list[CostEstimate]) -> None:
    priced = [quote for quote in quoted if quote.standard is not None and quote.fit_status == "fits"]
    cheapest = sorted(priced, key=lambda quote: quote.standard or Decimal(0))[:_MAX_BARS]
    if not cheapest:
        return
    table = {
        "Model": [quote.model.id for quote in cheapest],
        "Dollars for 1,000 calls": [_thousand(quote.standard) for quote in cheapest],
    }
    st.bar_chart(
        table,
        x="Model",
        y="Dollars for 1,000 calls",
        horizontal=True,
        sort=False,
        color=_BAR_COLOUR,
        alt="Costs by model",
    )
