"""The Embeddings page: how the work goes, what it came to, and what went over the wire."""

from collections.abc import Sequence

import streamlit as st

from components.embeddings.session import billed, desk
from components.live.views import dollars, seconds
from components.ui import run_inspector
from components.ui.error_card import problem
from components.ui.markdown_escape import plain
from core.embeddings.job import Work
from core.pricing.prices import Cost
from core.runs.run import RunState


def progress() -> None:
    """Draw how the work goes, or how it ended."""
    work = desk().work
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
        known = f", {dollars(cost.list_amount)} at OpenAI's list price" if cost.list_amount else ""
        return f"cost unknown{known}"
    compared = f" ({dollars(cost.list_amount)} at OpenAI's list price)" if cost.list_amount else ""
    return f"{dollars(cost.amount)}{compared}"


def _left(work: Work) -> str:
    if not work.done:
        return "No vector has arrived. Press Embed to try again."
    kept = work.kept()
    some = f"; {kept:,} are kept" if kept < work.done else " and are kept"
    return f"{work.done:,} of {work.total:,} vectors have arrived{some}. Press Embed to get the others."


@st.fragment(run_every=0.4)
def _while_running() -> None:
    here = desk()
    work = here.work
    if work is None or work.state is not RunState.RUNNING:
        st.rerun()
        return
    said = f"{work.done:,} of {work.total:,} vectors" if work.done < work.total else "Comparing…"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(work.done / max(work.total, 1), said)
        st.button("Stop", icon=":material/stop:", on_click=here.stop, key="embeddings.stop")


def _outcome() -> None:
    here = desk()
    work = here.work
    assert work
    if work.error:
        problem(work.error)
    if work.state is not RunState.DONE:
        st.info(_left(work), icon=":material/play_arrow:")
    elif not here.told:
        here.told = True
        st.toast("The vectors are here.")  # what a screen reader announces
    usage, cost = billed(work)
    said = [
        f"{len(work.prepared.items):,} texts",
        f"{len(work.runs)} request{'' if len(work.runs) == 1 else 's'}",
        f"{work.from_cache:,} vectors from the cache" if work.from_cache else "",
        f"{usage.input_tokens:,} tokens billed",
        cost_text(cost) if cost else "",
        seconds(here.took),
    ]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(plain(" · ".join(filter(None, said))), width="content")
        _inspect([log.id for log in work.runs])
    if (changed := here.prepared) is not None and changed is not work.prepared:
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
