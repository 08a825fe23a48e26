"""The Embeddings page: how the work goes, what it came to, and what went over the wire."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings.session import embedding_session, usage_and_cost
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from core.embeddings.job import EmbeddingJob
from core.pricing.prices import Cost
from core.runs.run import RunState


def run_status() -> None:
    """Draw how the work goes, or how it ended."""
    work = embedding_session().job
    if work is None:
        st.info(
            "Press Embed to turn the texts into vectors and compare them.", icon=":material/arrow_upward:"
        )
    elif work.state is RunState.RUNNING:
        _while_running()
    else:
        _outcome()


def cost_text(cost: Cost) -> str:
    """Write a cost in short, with OpenAI's list price beside it where nothing was charged."""
    if cost.amount is None:
        known = f", {format_dollars(cost.list_amount)} at OpenAI's list price" if cost.list_amount else ""
        return f"cost unknown{known}"
    compared = f" ({format_dollars(cost.list_amount)} at OpenAI's list price)" if cost.list_amount else ""
    return f"{format_dollars(cost.amount)}{compared}"


def _left(work: EmbeddingJob) -> str:
    if not work.completed:
        return "No vector has arrived. Press Embed to try again."
    kept = work.cached_count()
    some = f"; {kept:,} are kept" if kept < work.completed else " and are kept"
    return f"{work.completed:,} of {work.total:,} vectors have arrived{some}. Press Embed to get the others."


@st.fragment(run_every=0.4)
def _while_running() -> None:
    here = embedding_session()
    work = here.job
    if work is None or work.state is not RunState.RUNNING:
        st.rerun()
        return
    said = f"{work.completed:,} of {work.total:,} vectors" if work.completed < work.total else "Comparing…"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(work.completed / max(work.total, 1), said)
        st.button("Stop", icon=":material/stop:", on_click=here.stop, key="embeddings.stop")


def _outcome() -> None:
    here = embedding_session()
    work = here.job
    assert work
    if work.error:
        error_card(work.error)
    if work.state is not RunState.DONE:
        st.info(_left(work), icon=":material/play_arrow:")
    elif not here.announced:
        here.announced = True
        st.toast("The vectors are here.")  # what a screen reader announces
    usage, cost = usage_and_cost(work)
    said = [
        f"{len(work.batch.inputs):,} texts",
        f"{len(work.logs)} request{'' if len(work.logs) == 1 else 's'}",
        f"{work.cache_hits:,} vectors from the cache" if work.cache_hits else "",
        f"{usage.input_tokens:,} tokens billed",
        cost_text(cost) if cost else "",
        format_seconds(here.elapsed),
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(escape_markdown(" · ".join(filter(None, said))), width="content")
        _inspect([log.id for log in work.logs])
    if (changed := here.batch) is not None and changed is not work.batch:
        st.caption("The texts or models have changed since. Press Embed to bring the views up to date.")


def _inspect(runs: Sequence[str]) -> None:
    """Offer what went over the wire, request by request."""
    if not runs:
        return
    label = "Code · Request · Response"
    if len(runs) == 1:
        if st.button(label, icon=":material/code:", type="tertiary", key="embeddings.inspect"):
            run_inspector.show(runs[0])
        return
    with st.popover(label, icon=":material/code:", type="tertiary"):
        number = st.number_input("Request", 1, len(runs), key="embeddings.request")
        if st.button("Show", key="embeddings.show"):
            run_inspector.show(runs[number - 1])
