"""The loop as it runs: its rounds, and how it ended."""

import streamlit as st

from components import live
from components.session import session
from components.tools.calls import arriving_calls, call_cards
from components.tools.decisions import waiting_forms
from components.tools.session import tools_session
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from core.runs.run import Run, RunState
from core.tools.loop import LoopState, Round, ToolLoop

_KEY = "tools.loop"
# Seconds between two looks at a loop that runs.
_POLL_INTERVAL = 0.3


def loops_view() -> None:
    """Draw the loops of the question side by side."""
    state = tools_session()
    if state.experiment is None:
        st.info("Select Ask to send the question with these tools.", icon=":material/arrow_upward:")
        return
    for column, (label, loop) in zip(
        st.columns(len(state.loops)), state.experiment.loops.items(), strict=True
    ):
        with column:
            if len(state.loops) > 1:
                st.markdown(f"**{escape_markdown(label)}**")
            _draw_loop(loop, is_first=loop is state.loops[0])
    if state.inspected:
        _inspector(state.inspected)


def _inspector(run_id: str) -> None:
    """Draw the details of a run as long as they are open: each round of a running loop reruns the page."""
    state = tools_session()
    dialog = st.dialog(
        "Request details", width="large", position="right", on_dismiss=lambda: state.inspect(None)
    )
    dialog(run_inspector.run_details)(run_id)


def _draw_loop(loop: ToolLoop, *, is_first: bool) -> None:
    # A round may start meanwhile: then the signature differs, and the page is drawn again.
    drawn, rounds = _signature(loop), tuple(loop.rounds)
    runs = {round_.log.id: round_.log.snapshot() for round_ in rounds}
    for previous, current in zip([None, *rounds], rounds, strict=False):
        is_last = current is rounds[-1]
        _draw_round(
            current, runs[current.log.id], runs[previous.log.id] if previous else None, is_first=is_first
        )
        if is_last and loop.is_running:
            _follow(loop, drawn)
        else:
            call_cards(current.calls)
    if not rounds and loop.is_running:
        _follow(loop, drawn)
    waiting_forms(loop)
    if not loop.is_running:
        _draw_end(loop)


def _draw_round(round_: Round, run: Run, previous: Run | None, *, is_first: bool) -> None:
    state = tools_session()
    # A round with calls has no text, as a rule.
    has_view = not round_.log.ended or bool(run.text)
    is_answer = has_view and round_.log.ended and not round_.calls and run.state is RunState.DONE
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        metrics = " · ".join(escape_markdown(metric) for metric in _round_metrics(run, previous, has_view))
        badge = " :green-badge[:material/check: Answer]" if is_answer else ""
        st.markdown(f":blue-badge[Round {round_.number}]{badge} {metrics}", width="content")
        if not has_view:
            st.button(
                "Request details",
                icon=":material/code:",
                type="tertiary",
                key=f"{_KEY}.inspect.{run.id}",
                on_click=state.inspect,
                args=(run.id,),
            )
    if has_view:
        # A reply that has ended before it was drawn is brought into view, too.
        is_ended = round_.log.ended and run.id in state.drawn
        event = live.run_view(run.id, f"{_KEY}.run.{run.id}", is_ended, is_first)
        state.drawn.add(run.id)
        if event.inspect:
            state.inspect(event.inspect)
    elif run.error:
        error_card(run.error)


def _round_metrics(run: Run, previous: Run | None, has_view: bool) -> list[str]:
    """Return the metrics of a round, with the input tokens that the round before has sent too.

    The view of a run shows the other ones itself.
    """
    if run.usage is None:
        return []
    resent = min(previous.usage.input_tokens if previous and previous.usage else 0, run.usage.input_tokens)
    if has_view:
        return [f"{resent:,} of {run.usage.input_tokens:,} input tokens sent again"] if resent else []
    metrics = [f"model {format_seconds(run.total)}"] if run.total is not None else []
    note = f" ({resent:,} sent again)" if resent else ""
    metrics.append(f"{run.usage.input_tokens:,} input{note}, {run.usage.output_tokens:,} output tokens")
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
    """Draw how the loop ended, how it can continue, and its totals."""
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
    if loop.state is not LoopState.DONE:
        _continue_button(loop)
    _total(loop)


def _continue_button(loop: ToolLoop) -> None:
    """Draw the button that continues a loop, on the server whose model it has asked."""
    failed = loop.state is LoopState.FAILED
    is_same_server = loop.profile is None or loop.profile.base_url == session.profile().base_url
    hint = "Sends the request again." if failed else "With the same limits again."
    st.button(
        "Retry" if failed else "Continue",
        icon=":material/refresh:" if failed else ":material/play_arrow:",
        key=f"{_KEY}.continue.{loop.id}",
        on_click=tools_session().resume,
        args=(loop,),
        disabled=not is_same_server,
        help=f"{hint} Calls without a result are executed."
        if is_same_server
        else "Switch to the server of this question first.",
    )


def _total(loop: ToolLoop) -> None:
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
