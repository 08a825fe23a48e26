"""The Caching lab: what the prompt cache takes of the same long prompt, and what keeps it from doing so."""

from typing import Any

import streamlit as st

from components.resilience.cache_advice import request_advice
from components.resilience.cache_chart import cache_chart, cached_text
from components.resilience.caching_session import caching_session
from components.resilience.follow import follow, restored_caption
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.inspector import run_inspector
from components.ui.markdown_escape import escape_markdown
from core.models.catalog import get_model
from core.resilience.caching.experiment import VARIANTS, CacheExperiment, CacheTotals

_KEY = "resilience.caching"


def caching_lab() -> None:
    """Draw the variants, what will be seen of the selected one, and what was seen."""
    state = caching_session()
    with st.container(horizontal=True, gap="xsmall", key=f"{_KEY}.variants"):
        for variant in VARIANTS:
            st.button(
                escape_markdown(variant.label),
                type="primary" if variant is state.variant else "secondary",
                key=f"{_KEY}.run.{variant.id}",
                disabled=not session.model(),
                on_click=state.run,
                args=(variant,),
            )
    _run_row()
    experiment = state.experiment
    if experiment and experiment.is_running:
        running = experiment
        follow(lambda: running.is_running, lambda: cache_chart(running.runs))
    elif experiment:
        _result(experiment)
    request_advice()


def _run_row() -> None:
    state = caching_session()
    experiment = state.experiment
    is_running = experiment is not None and experiment.is_running
    with st.container(border=True):
        st.markdown(f"**{escape_markdown(state.variant.label)}.** {escape_markdown(state.variant.preview)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Send 4 calls",
                icon=":material/play_arrow:",
                type="primary",
                key=f"{_KEY}.start",
                disabled=is_running or not session.model(),
                on_click=state.run,
                args=(state.variant,),
            )
            if is_running:
                st.button("Stop", icon=":material/stop:", key=f"{_KEY}.stop", on_click=state.stop)
        model = get_model(session.model() or "")
        if model.cache_minimum is None and not model.assumed:
            st.caption(f"{escape_markdown(model.id)} does not cache prompts. Choose another model.")


def _result(experiment: CacheExperiment) -> None:
    st.markdown(f"**Result.** {escape_markdown(experiment.summary())}")
    if experiment is caching_session().restored:
        restored_caption(experiment.runs[0].started_at)
    if experiment.runs:
        cache_chart(experiment.runs)
    for run in experiment.runs:
        if run.error:
            error_card(run.error)
    _calls(experiment)
    _comparison()


def _calls(experiment: CacheExperiment) -> None:
    """Draw a line for each call, with its time to the first token and its price."""
    for number, run in enumerate(experiment.runs, 1):
        totals = CacheTotals.of([run])
        parts = [
            run.model,
            cached_text(run),
            f"first token {format_seconds(run.first_token)}" if run.first_token is not None else "",
            f"{format_dollars(totals.amount)} at list price" if totals.amount is not None else "",
        ]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            text = escape_markdown(" · ".join(filter(None, parts)))
            st.markdown(f"**Call {number}** {text}", width="content")
            if st.button(
                "Request details", icon=":material/code:", type="tertiary", key=f"{_KEY}.inspect.{run.id}"
            ):
                run_inspector.show(run.id)
    if experiment.profile.kind == "sandbox":
        st.caption(
            "The sandbox simulates that a cached prompt saves up to 80 % of the time to the first token."
        )


def _comparison() -> None:
    """Draw what all variants that have run would cost for 1,000 calls."""
    ended = [each for each in caching_session().experiments.values() if each.runs and not each.is_running]
    rows = [row for each in ended if (row := _comparison_row(each))]
    if len(rows) > 1:
        st.markdown("**All variants so far**, without their first call")
        st.dataframe(rows, hide_index=True, alt="Cached tokens and cost of the variants")


def _comparison_row(experiment: CacheExperiment) -> dict[str, Any] | None:
    totals = CacheTotals.of(experiment.runs[1:])
    calls = len(experiment.runs) - 1
    if not calls:
        return None
    return {
        "variant": experiment.variant.label,
        "input from the cache": f"{totals.cached_share:.0%}",
        "1,000 calls, list price": format_dollars(totals.amount * 1000 / calls) if totals.amount else "",
        "without the cache": format_dollars(totals.uncached_amount * 1000 / calls)
        if totals.uncached_amount
        else "",
    }
