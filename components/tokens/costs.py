"""The Fit and cost panel: which models the input fits, and what requests with it would cost."""

from datetime import UTC, datetime

import streamlit as st

from components.session import session
from components.tokens.cost_tables import cost_chart, cost_table, fit_table
from components.ui.formatting import format_dollars, metric_line
from components.ui.markdown_escape import escape_markdown
from core.models.availability import available_models
from core.models.catalog import Model, get_model
from core.token_analysis.analysis import TokenAnalysis, count_for_model
from core.token_analysis.cost_comparison import (
    CostEstimate,
    CostSaving,
    UsageAssumption,
    estimate_costs,
    suggest_savings,
)


def costs_panel(analysis: TokenAnalysis) -> None:
    """Compare fit and cost across the available models, and suggest savings for the selected one."""
    now = datetime.now(UTC)
    assumption = _usage_form()
    selected_id = analysis.options.model
    # Of the snapshots only the selected one, because the others cost the same as their family.
    models = [
        entry.model
        for entry in available_models(session.connection().models or None, now.date())
        if entry.lifecycle.status != "shut_down"
        and entry.model.kind in ("chat", "embedding")
        and entry.model.id in (entry.model.family, selected_id)
    ]
    if selected_id and all(model.id != selected_id for model in models):
        models.insert(0, get_model(selected_id))
    panel_cache = session.live_session().token_session.panel_cache
    counts: dict[str, int] = panel_cache.get_or_compute("counts", analysis, None, dict)

    def count_input(model: Model) -> int:
        # Models with the same encoding, or of the same family for a request, have the same count.
        key = model.family if analysis.request else model.encoding
        if key not in counts:
            counts[key] = count_for_model(analysis, model.id)
        return counts[key]

    with st.spinner("Counting for every model…", show_time=True):
        estimates = estimate_costs(models, count_input, assumption, now)
    selected = next((estimate for estimate in estimates if estimate.model.id == selected_id), None)
    if selected:
        savings = suggest_savings(selected, estimates, now, analysis.shared_prefix_tokens)
        _selected_model(selected, savings)
    st.subheader("Context window", anchor=False)
    fit_table(estimates)
    st.subheader("Cost", anchor=False)
    cost_table(estimates)
    kind = selected.model.kind if selected else "chat"
    cost_chart([estimate for estimate in estimates if estimate.model.kind == kind])


def _usage_form() -> UsageAssumption:
    with st.container(horizontal=True, gap="medium"):
        output_tokens = st.number_input(
            "Output tokens per request",
            0,
            1_000_000,
            500,
            step=100,
            key="tokens.output",
            persist_state="session",
            width=180,
            help="An assumption about the length of the responses, reasoning included.",
        )
        requests_per_month = st.number_input(
            "Requests per month",
            1,
            1_000_000_000,
            10_000,
            step=1_000,
            key="tokens.calls",
            persist_state="session",
            width=180,
        )
    return UsageAssumption(int(output_tokens), int(requests_per_month))


def _selected_model(estimate: CostEstimate, savings: list[CostSaving]) -> None:
    model_id = escape_markdown(estimate.model.id[:80])
    window, fraction = estimate.model.context_window, estimate.context_fraction
    if window and fraction is not None:
        percent = "less than 0.1 %" if 0 < fraction < 0.001 else f"{fraction * 100:,.1f} %"
        used = f"{estimate.input_tokens:,} of {window:,} tokens in the context window of {model_id}"
        st.progress(min(fraction, 1.0), text=f"{used} ({percent}): {estimate.fit_status}.")
    if estimate.standard is None:
        st.caption(f"No list price is known for {model_id}.")
        return
    amounts = {
        "per request": estimate.standard,
        "per 1,000 requests": estimate.standard * 1000,
        "per month": estimate.standard * estimate.assumption.requests_per_month,
    }
    metric_line({label: format_dollars(amount) for label, amount in amounts.items()})
    if estimate.is_long_context:
        st.warning(
            f"More than {estimate.long_context_threshold:,} input tokens: the whole request is charged at "
            "the long-context price."
        )
    if savings:
        st.subheader("Ways to reduce cost", anchor=False)
    for saving in savings:
        amount = escape_markdown(format_dollars(saving.monthly_amount))
        st.markdown(f"**{saving.title}**: saves about **{amount}** per month. {saving.reason}")
