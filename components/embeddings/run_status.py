"""The status of the embedding job: progress, result, usage, cost, and the details of its requests."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings.session import embedding_session
from components.ui.error_card import error_card
from components.ui.formatting import format_cost, format_count, format_seconds
from components.ui.inspector import run_inspector
from components.ui.markdown_escape import escape_markdown
from core.embeddings.inputs import summarise_warnings
from core.runs.run import RunState


def run_status() -> None:
    """Draw the progress of the job, or how it ended."""
    job = embedding_session().job
    if job is None:
        st.info("Press Embed to embed the texts and compare them.", icon=":material/arrow_upward:")
    elif job.state is RunState.RUNNING:
        _progress()
    else:
        _summary()


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=0.4)
def _progress() -> None:
    state = embedding_session()
    job = state.job
    if job is None or job.state is not RunState.RUNNING:
        st.rerun()
        return
    done, total = job.completed, job.total
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            done / max(total, 1), f"{done:,} of {total:,} embeddings" if done < total else "Comparing…"
        )
        st.button("Stop", icon=":material/stop:", on_click=state.stop, key="embeddings.stop")


def _summary() -> None:
    state = embedding_session()
    job = state.job
    assert job
    if job.error:
        error_card(job.error)
    if job.state is not RunState.DONE and not job.completed:
        st.info("No embedding received. Press Embed to try again.", icon=":material/play_arrow:")
    elif job.state is not RunState.DONE:
        cached = (
            f"{job.completed:,} of {job.total:,} embeddings received, {job.cached_count():,} of them cached"
        )
        st.info(f"{cached}. Press Embed to request the rest.", icon=":material/play_arrow:")
    elif not state.announced:
        state.announced = True
        # Screen readers announce a toast, not a new chart.
        st.toast(f"{format_count(job.total, 'embedding')} ready")
    if job.result:
        # Those of the batch are shown beside the texts.
        for warning in summarise_warnings(job.result.warnings[len(job.batch.warnings) :]):
            st.warning(escape_markdown(warning), icon=":material/warning:")
    usage, cost = job.usage_and_cost()
    parts = [
        format_count(len(job.batch.inputs), "text"),
        format_count(len(job.logs), "request"),
        f"{format_count(job.cache_hits, 'embedding')} from the cache" if job.cache_hits else "",
        f"{usage.input_tokens:,} tokens billed",
        format_cost(cost) if cost else "",
        format_seconds(state.elapsed),
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(escape_markdown(" · ".join(filter(None, parts))), width="content")
        _request_details(job.run_ids)
    if state.batch is not None and state.batch is not job.batch:
        st.caption("The texts or models have changed. Press Embed to update the results.")


def _request_details(run_ids: Sequence[str]) -> None:
    """Draw a button that opens the code, request and response of one of the runs."""
    label = "Request details"
    if len(run_ids) == 1:
        if st.button(label, icon=":material/code:", type="tertiary", key="embeddings.inspect"):
            run_inspector.show(run_ids[0])
    elif run_ids:
        with st.popover(label, icon=":material/code:", type="tertiary"):
            number = st.number_input("Request", 1, len(run_ids), key="embeddings.request")
            if st.button("Show", key="embeddings.show"):
                run_inspector.show(run_ids[number - 1])
