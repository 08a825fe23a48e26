"""What running a board takes, the buttons that run and cancel it, and how far it is."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.repositories import board_progress, board_runs, job_repository
from components.compare.board.running.batch import batch_popover, board_batches, keys_in_batches
from components.compare.board.session import board_session
from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_dollars, format_duration
from components.ui.jobs.job_progress import budget_input, progress_text
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board, CellKey
from core.compare.boards.cells import ALL_UNFINISHED, CellState, keys_to_run
from core.history.settings import HistorySettings
from core.runner.work import Budget
from core.storage.unrecorded import MAX_RUNS

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults
    from core.compare.running.estimate import BoardEstimate

_EVERYTHING = frozenset(CellState)
_LOST = frozenset({CellState.LOST})
_CHOICES: dict[str, frozenset[CellState]] = {
    "Run missing": frozenset({CellState.MISSING}),
    "Run failed again": frozenset({CellState.FAILED}),
    "Run outdated again": frozenset({CellState.STALE}),
    "Run everything again": _EVERYTHING,
}


def is_running(board_id: str) -> bool:
    """Whether cells of a board are run by any process, or about to be."""
    return board_session().is_busy(board_id) or board_progress(board_id).is_running


def run_panel(board: Board, *, is_live: bool) -> None:
    """Draw the progress of a board that runs, else the buttons that run it."""
    with st.container(border=True, key="board-run", gap="xsmall"):
        if is_live:
            _progress(board)
        else:
            _start(board)
        _errors(board)
    board_batches(board)


def _progress(board: Board) -> None:
    work = board_progress(board.id).work
    st.progress(work.ended / work.total if work.total else 0.0, progress_text(work, Budget(), "cells"))
    if st.button(
        "Cancel",
        icon=":material/stop_circle:",
        key="board.cancel",
        help="Results that have arrived stay. The other cells can be run later.",
    ):
        board_session().start(board.id, lambda: board_runs().stop(board.id, job_repository()))
        st.rerun()


def _start(board: Board) -> None:
    results = board_session().results(board)
    in_batches = keys_in_batches(board)
    unfinished, total = len(keys_to_run(results.states, under_way=in_batches)), len(results.states)
    if not total:
        st.caption("Add a variant and a case to run this board.")
        return
    if in_batches and not unfinished:
        st.caption("All cells that are left wait for the results of their batches.")
        return
    wanted = ALL_UNFINISHED if unfinished else _EVERYTHING
    left = format_count(unfinished, "cell" if unfinished == total else "remaining cell")
    label = f"Run {left}" if unfinished else "Run everything again"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        buttons = st.container(horizontal=True, gap="small", width="content")
        st.caption(_estimate_text(board, results, wanted, in_batches))
        budget = _budget(board)
        batch_popover(board)
    with buttons:
        if st.button(label, icon=":material/play_arrow:", type="primary", key="board.run"):
            _run(board, wanted, budget)
        _other_runs(board, results, unfinished or total, budget)
    _lost_replies(board, results, in_batches, budget)


def _lost_replies(
    board: Board, results: "BoardResults", in_batches: Collection[CellKey], budget: Budget
) -> None:
    """Draw how many replies are lost, and the button that requests them again if they can be kept then."""
    lost = len(keys_to_run(results.states, _LOST, in_batches))
    is_recording = HistorySettings(resources.store(), session.OWNER).is_recording
    can_be_kept = is_recording or len(results.states) <= MAX_RUNS
    texts = [f"Not recorded, and lost: {format_count(lost, 'reply')}."] if lost else []
    if not is_recording and (lost or not can_be_kept):
        texts.append(
            f"While recording is off in Settings, the app has only its latest {MAX_RUNS} replies, in memory, "
            "and loses them when it restarts."
        )
    if lost and not can_be_kept:
        texts.append("Turn recording on to request the lost ones again.")
    if texts:
        st.caption(" ".join(texts))
    if lost and can_be_kept:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button("Request lost replies again", icon=":material/replay:", key="board.run.lost"):
                _run(board, _LOST, budget)
            st.caption(_estimate_text(board, results, _LOST, in_batches))


def _budget(board: Board) -> Budget:
    """Draw what the run may spend, in a popover, as few people limit it."""
    profiles = [session.profiles().get(variant.profile_id) for variant in board.enabled_variants]
    in_dollars = all(profile is not None and profile.kind in ("openai", "azure") for profile in profiles)
    with st.popover("Budget", icon=":material/savings:", type="tertiary", key="board.budget"):
        return budget_input("board.budget.limit", in_dollars=in_dollars)


def _other_runs(board: Board, results: "BoardResults", first: int, budget: Budget) -> None:
    """Draw the menu of what else can be run than the *first* number of cells."""
    counts = {label: len(keys_to_run(results.states, wanted)) for label, wanted in _CHOICES.items()}
    labels = [label for label, count in counts.items() if count not in (0, first)]
    if not labels:
        return
    chosen = st.menu_button(
        "Run part",
        labels,
        icon=":material/playlist_play:",
        key="board.run.part",
        format_func=lambda label: f"{label} ({counts[label]:,})",
    )
    if chosen:
        _run(board, _CHOICES[chosen], budget)


def _run(board: Board, wanted: Collection[CellState], budget: Budget) -> None:
    state, runs = board_session(), board_runs()
    # The rows that were added to the cases have results now: deleting one must not change the ids of others.
    state.edits += 1
    calls, profiles = session.live_session().calls, session.profiles()
    state.start(board.id, partial(runs.start, board, calls, profiles, wanted, budget))
    st.rerun()


def _estimate_text(
    board: Board, results: "BoardResults", wanted: Collection[CellState], in_batches: Collection[CellKey]
) -> str:
    from core.compare.running.estimate import estimate_board
    from core.errors.types import PlaygroundError

    keys = keys_to_run(results.states, wanted, in_batches)

    def compute() -> "BoardEstimate | None":
        try:
            return estimate_board(
                board, keys, results.cells, session.profiles(), datetime.now(UTC), results.states
            )
        except PlaygroundError:
            return None

    inputs = board.model_dump_json(), len(keys), len(results.cells)
    estimate = board_session().cache.get_or_compute(f"estimate {sorted(wanted)}", None, inputs, compute)
    if estimate is None:
        return format_count(len(keys), "call")
    parts = (
        format_count(estimate.calls, "call"),
        f"about {estimate.tokens:,} tokens",
        _cost_text(estimate),
        f"about {_duration(estimate.seconds)}",
    )
    return escape_markdown(" · ".join(filter(None, parts)))


def _duration(seconds: float) -> str:
    """Return an estimated time, without the digits that an estimate does not have."""
    return f"{max(seconds, 1):.0f} s" if seconds < 10 else format_duration(timedelta(seconds=seconds))


def _cost_text(estimate: "BoardEstimate") -> str:
    if estimate.cost:
        at_least = "at least " if estimate.has_unknown_costs else "about "
        return at_least + format_dollars(estimate.cost)
    listed = [variant.list_cost for variant in estimate.variants if variant.list_cost]
    return f"free here, {format_dollars(sum(listed[1:], listed[0]))} at OpenAI's list price" if listed else ""


def _errors(board: Board) -> None:
    if error := board_session().errors.get(board.id):
        error_card(error)
    progress = board_progress(board.id)
    if progress.is_over_budget and not progress.is_running:
        st.warning("The budget is used up. Raise it to run the remaining cells.", icon=":material/savings:")
    titles = {variant.id: variant.title for variant in board.variants}
    for variant_id, error in progress.errors.items():
        error_card(error, prefix=f"{titles.get(variant_id, 'A variant')}:")
