"""The loop as it runs: its rounds, and how it ended."""

from collections.abc import Sequence

import streamlit as st

from components import live
from components.session import session
from components.tools.calls import call_cards, folded_call_cards, partial_calls
from components.tools.decisions import waiting_forms
from components.tools.session import tools_session
from components.ui.error_card import error_card
from components.ui.formatting import format_cost, format_count, format_dollars, format_seconds
from components.ui.inspector import run_inspector
from components.ui.markdown_escape import escape_markdown
from core.runs import event_loop
from core.runs.run import Run, RunState
from core.tools.loop.modes import ToolSetup
from core.tools.loop.tool_loop import LoopLimits, LoopState, Round, ToolLoop
from core.tools.requests.model_api import RequestedCall

_KEY = "tools.loop"
# Seconds between two looks at a loop that runs.
_POLL_INTERVAL = 0.3
# The calls of a loop whose cards are open at the same time.
_MAX_OPEN_CALLS = 24
_ARRIVING = ":blue-badge[:material/more_horiz: arguments arriving]"
_INCOMPLETE = ":orange-badge[:material/link_off: incomplete]"
_RUN_BADGES = {
    RunState.RUNNING: "",
    RunState.DONE: ":green-badge[:material/check: Answer]",
    RunState.STOPPED: ":gray-badge[:material/stop_circle: stopped]",
    RunState.FAILED: ":red-badge[:material/error: failed]",
    RunState.INTERRUPTED: _INCOMPLETE,
    RunState.CUT_OFF: _INCOMPLETE,
}


def loops_view(setups: Sequence[ToolSetup], limits: LoopLimits) -> None:
    """Draw the loops of the question side by side. One of an earlier process continues with *setups*."""
    state = tools_session()
    if state.experiment is None:
        return
    for column, (label, loop) in zip(
        st.columns(len(state.loops)), state.experiment.loops.items(), strict=True
    ):
        with column:
            if len(state.loops) > 1:
                st.markdown(f"**{escape_markdown(label)}**")
            _draw_loop(loop, is_first=loop is state.loops[0])
            if not loop.is_running:
                _draw_end(loop, setups, limits)
    if state.inspected:
        # As long as it is open: each round of a running loop reruns the page.
        dialog = st.dialog(
            "Request details", width="large", position="right", on_dismiss=lambda: state.inspect(None)
        )
        dialog(run_inspector.run_details)(state.inspected)


def _draw_loop(loop: ToolLoop, *, is_first: bool) -> None:
    # A round may start meanwhile: then the signature differs, and the page is drawn again.
    arriving = _arriving_calls(loop)
    drawn, rounds = _signature(loop, arriving), tuple(loop.rounds)
    runs = [round_.log.snapshot() for round_ in rounds]
    folded = _folded_rounds(rounds)
    for previous, run, current in zip([None, *runs], runs, rounds, strict=False):
        is_last = current is rounds[-1]
        # A round with calls has no text, as a rule.
        has_view = bool(run.text) or not (current.log.ended or arriving)
        _draw_round(current, run, previous, has_view=has_view, is_first=is_first)
        if is_last and loop.is_running:
            _follow(loop, drawn)
        elif current in folded:
            folded_call_cards(current.calls, f"{_KEY}.calls.{run.id}")
        else:
            call_cards(current.calls)
            partial_calls(loop.unfinished_calls(current), _RUN_BADGES[run.state])
    if not rounds and loop.is_running:
        _follow(loop, drawn)
    waiting_forms(loop)


def _folded_rounds(rounds: Sequence[Round]) -> Sequence[Round]:
    """Return the rounds before the last ones, as a page of hundreds of cards takes seconds to draw."""
    cards = 0
    for position in range(len(rounds) - 1, -1, -1):
        cards += len(rounds[position].calls)
        if cards > _MAX_OPEN_CALLS and position < len(rounds) - 1:
            return rounds[: position + 1]
    return ()


def _draw_round(round_: Round, run: Run, previous: Run | None, *, has_view: bool, is_first: bool) -> None:
    state = tools_session()
    is_call = run.state is RunState.DONE and bool(round_.calls or not run.text)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        metrics = " · ".join(escape_markdown(metric) for metric in _round_metrics(run, previous, has_view))
        badge = "" if is_call else _RUN_BADGES[run.state]
        st.markdown(f":blue-badge[Round {round_.number}] {badge} {metrics}", width="content")
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
        metrics = [f"{resent:,} of {run.usage.input_tokens:,} input tokens sent again"] if resent else []
        # The view shows what the server charges, which is nothing in the sandbox.
        if run.cost and run.cost.list_amount:
            metrics.append(f"{format_dollars(run.cost.list_amount)} at OpenAI's list price")
        return metrics
    metrics = [f"model {format_seconds(run.total)}"] if run.total is not None else []
    note = f" ({resent:,} sent again)" if resent else ""
    metrics.append(f"{run.usage.input_tokens:,} input{note}, {run.usage.output_tokens:,} output tokens")
    if run.cost:
        metrics.append(format_cost(run.cost))
    return metrics


def _arriving_calls(loop: ToolLoop) -> Sequence[RequestedCall]:
    """Return the calls of the reply that is arriving, with their arguments so far."""

    async def arriving_calls() -> Sequence[RequestedCall]:
        is_arriving = loop.rounds and not loop.rounds[-1].log.ended
        return loop.arriving_turn().calls if is_arriving else ()

    return event_loop.run_until_complete(arriving_calls()) if loop.is_running else ()


def _signature(loop: ToolLoop, arriving: Sequence[RequestedCall]) -> tuple[object, ...]:
    """Return what the page draws outside of the part that is redrawn while the loop runs."""
    last_ended = bool(loop.rounds) and loop.rounds[-1].log.ended
    waiting = tuple(call.key for call in loop.waiting_calls)
    return loop.is_running, len(loop.rounds), last_ended, bool(arriving), waiting


@st.fragment(run_every=_POLL_INTERVAL)
def _follow(loop: ToolLoop, drawn: tuple[object, ...]) -> None:
    """Draw the calls of the last round as they arrive and run, and the page again when more has changed."""
    arriving = _arriving_calls(loop)
    if _signature(loop, arriving) != drawn:
        st.rerun()
    if not loop.rounds:
        st.caption("Starting…")
    else:
        call_cards(loop.rounds[-1].calls)
        partial_calls(arriving, _ARRIVING)


def _draw_end(loop: ToolLoop, setups: Sequence[ToolSetup], limits: LoopLimits) -> None:
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
        _continue_button(loop, setups, limits)
    usage, cost = loop.usage_and_cost()
    calls = sum(len(round_.calls) for round_ in loop.rounds)
    # The usage is in the last chunk, so a reply that was not received completely is billed without it.
    unreported = sum(run.usage is None and run.response is not None for run in loop.runs())
    unknown = loop.rounds_without_cost()
    plus = f" plus {format_count(unknown, 'round')} of unknown price" if unknown else ""
    totals = [
        format_count(len(loop.rounds), "round"),
        format_count(calls, "call"),
        f"{usage.input_tokens:,} input and {usage.output_tokens:,} output tokens",
        f"usage of {format_count(unreported, 'round')} not reported" if unreported else "",
        format_seconds(loop.seconds),
        f"{format_cost(cost)}{plus}" if cost else "",
    ]
    st.caption(escape_markdown(f"Total: {' · '.join(filter(None, totals))}"))


def _continue_button(loop: ToolLoop, setups: Sequence[ToolSetup], limits: LoopLimits) -> None:
    """Draw the button that continues a loop, on the server whose model it has asked."""
    failed = loop.state is LoopState.FAILED
    hint = "Sends the request again." if failed else "With the same limits again."
    if loop.is_restored:
        missing = {setup.name for setup in loop.tools} - {setup.name for setup in setups}
        hint = "With the tools as they are selected now."
        hint += f" You enter the results of {', '.join(sorted(missing))[:200]}." if missing else ""
    profile, last = session.profile(), loop.rounds[-1].log.snapshot() if loop.rounds else None
    # The sandbox has another port in each process.
    is_same_server = (
        last is None or last.server_kind == profile.kind == "sandbox" or last.base_url == profile.base_url
    )
    state = tools_session()
    st.button(
        "Retry" if failed else "Continue",
        icon=":material/refresh:" if failed else ":material/play_arrow:",
        key=f"{_KEY}.continue.{loop.id}",
        on_click=state.resume_restored if loop.is_restored else state.resume,
        args=(loop, setups, limits) if loop.is_restored else (loop,),
        disabled=not is_same_server,
        help=f"{hint} Calls without a result are executed."
        if is_same_server
        else "Switch to the server of this question first.",
    )
