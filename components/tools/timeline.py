"""The loop as it runs: its rounds, and how it ended."""

import streamlit as st

from components import live
from components.tools.calls import arriving_calls, call_cards
from components.tools.decisions import waiting_forms
from components.tools.session import tools_session
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from core.runs.run import Run
from core.tools.loop import LoopState, Round, ToolLoop

_KEY = "tools.loop"
# Seconds between two looks at a loop that runs.
_POLL_INTERVAL = 0.3


def loops_view() -> None:
    """Draw the loops of the question side by side."""
    state = tools_session()
    if state.experiment is None:
        st.info("Press Ask to send the question with these tools.", icon=":material/arrow_upward:")
        return
    with st.container(horizontal=True, vertical_alignment="center", key=f"{_KEY}.toolbar"):
        if state.is_running:
            st.button("Stop", icon=":material/stop_circle:", key=f"{_KEY}.stop", on_click=state.stop)
        else:
            st.button("Clear", icon=":material/restart_alt:", key=f"{_KEY}.clear", on_click=state.clear)
    for column, (label, loop) in zip(
        st.columns(len(state.loops)), state.experiment.loops.items(), strict=True
    ):
        with column:
            if len(state.loops) > 1:
                st.markdown(f"**{escape_markdown(label)}**")
            _draw_loop(loop)


def _draw_loop(loop: ToolLoop) -> None:
    runs = {round_.log.id: round_.log.snapshot() for round_ in loop.rounds}
    for previous, current in zip([None, *loop.rounds], loop.rounds, strict=False):
        is_last = current is loop.rounds[-1]
        _draw_round(current, runs[current.log.id], runs[previous.log.id] if previous else None)
        if is_last and loop.is_running:
            _follow(loop, _signature(loop))
        else:
            call_cards(current.calls)
    if not loop.rounds and loop.is_running:
        _follow(loop, _signature(loop))
    waiting_forms(loop)
    if not loop.is_running:
        _draw_end(loop)


def _draw_round(round_: Round, run: Run, previous: Run | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        metrics = " · ".join(escape_markdown(metric) for metric in _round_metrics(run, previous))
        st.markdown(f":blue-badge[Round {round_.number}] {metrics}", width="content")
        if round_.log.ended and st.button(
            "Request details", icon=":material/code:", type="tertiary", key=f"{_KEY}.inspect.{run.id}"
        ):
            run_inspector.show(run.id)
    # A round with calls has no text, as a rule.
    if not round_.log.ended or run.text:
        event = live.run_view(run.id, f"{_KEY}.run.{run.id}", round_.log.ended, scroll_into_view=False)
        if event.inspect:
            run_inspector.show(event.inspect)
    elif run.error:
        error_card(run.error)


def _round_metrics(run: Run, previous: Run | None) -> list[str]:
    """Return the metrics of a round, with the input tokens that the round before has sent too."""
    metrics = [f"model {format_seconds(run.total)}"] if run.total is not None and run.usage else []
    if run.usage:
        sent_before = min(
            previous.usage.input_tokens if previous and previous.usage else 0, run.usage.input_tokens
        )
        resent = f" ({sent_before:,} sent again)" if sent_before else ""
        metrics.append(f"{run.usage.input_tokens:,} input{resent}, {run.usage.output_tokens:,} output tokens")
    if run.cost and run.cost.amount:
        metrics.append(format_dollars(run.cost.amount))
    elif run.cost and run.cost.list_amount:
        metrics.append(f"{format_dollars(run.cost.list_amount)} at list price")
    return metrics


def _signature(loop: ToolLoop) -> tuple[object, ...]:
    """Return what the page draws outside of the part that is redrawn while the loop runs."""
    last_ended = bool(loop.rounds) and loop.rounds[-1].log.ended
    waiting = tuple(call.key for call in loop.waiting_calls)
    return loop.is_running, len(loop.rounds), last_ended, waiting


@st.fragment(run_every=_POLL_INTERVAL)
def _follow(loop: ToolLoop, drawn: tuple[object, ...]) -> None:
    """Draw the calls of the last round as they arrive and run, and the page again when more has changed."""
    if _signature(loop) != drawn:
        st.rerun()
    current = loop.rounds[-1] if loop.rounds else None
    if current is None:
        st.caption("Starting…")
    elif current.calls:
        call_cards(current.calls)
    elif not current.log.ended:
        arriving_calls(loop)


def _draw_end(loop: ToolLoop) -> None:
    """Draw how the loop ended, and its totals."""
    last_run = loop.rounds[-1].log.snapshot() if loop.rounds else None
    if loop.error and not (last_run and last_run.error):
        error_card(loop.error)
    match loop.state:
        case LoopState.LIMIT:
            st.warning(f"{loop.note} The limits are under Settings.", icon=":material/timer_off:")
        case LoopState.STOPPED:
            st.info("Stopped. What had arrived is above.", icon=":material/stop_circle:")
        case LoopState.FAILED if loop.note:
            st.warning(loop.note, icon=":material/link_off:")
    usage, cost = loop.usage_and_cost()
    calls = [call for round_ in loop.rounds for call in round_.calls]
    amount = cost and (cost.amount or cost.list_amount)
    parts = [
        f"{len(loop.rounds)} round{'' if len(loop.rounds) == 1 else 's'}",
        f"{len(calls)} call{'' if len(calls) == 1 else 's'}",
        f"{usage.input_tokens:,} input and {usage.output_tokens:,} output tokens billed",
        format_seconds(loop.seconds),
        "" if not amount else format_dollars(amount) + ("" if cost and cost.amount else " at list price"),
    ]
    st.caption(escape_markdown("Total: " + " · ".join(filter(None, parts))))
