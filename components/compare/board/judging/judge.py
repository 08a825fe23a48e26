"""A model as the judge of pairs of replies: its rubric, its progress, and what its verdicts say."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.compare.board.labels import variant_labels
from components.compare.board.repositories import (
    job_repository,
    judge_runs,
    judging_repository,
    update_board,
)
from components.compare.board.session import board_session
from components.compare.session import chat_models
from components.runtime import resources
from components.session import repositories, session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_dollars
from components.ui.jobs.job_progress import budget_input, progress_text
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_picker import model_picker
from components.ui.table import downloadable_table
from core.compare.boards.board import Board
from core.compare.boards.judge import RUBRIC, Judge
from core.completions.request import ChatSettings
from core.history.settings import HistorySettings
from core.models.selection import default_model_id
from core.runner.work import Budget, RunnerState

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults
    from core.compare.judging.verdicts import JudgeStatistics, Verdict
    from core.compare.statistics.variant_statistics import Rate
    from core.runner.work import WorkJob, WorkProgress

_SHOWN_REASONS = 20


def is_judging(board_id: str) -> bool:
    """Whether the judge of a board is at work, in any process."""
    runner = judge_runs().runner(board_id, session.OWNER)
    return (runner is not None and runner.is_running) or _shared_job(board_id) is not None


def _shared_job(board_id: str) -> "WorkJob | None":
    """Return the job of the judge of a board that any process runs."""
    from core.compare.judging.job import CAPABILITY
    from core.compare.running.processes import running_work

    return next(iter(running_work(job_repository(), CAPABILITY).get(board_id, ())), None)


def judge(board: Board) -> None:
    """Draw the judge, the button that starts it, and its verdicts."""
    from core.compare.judging.verdicts import judge_statistics, pairs_to_judge

    board = _settings(board)
    results = board_session().results(board)
    chosen = board.judge
    assert chosen
    verdicts = judging_repository().verdicts(board.id, chosen.digest)
    _run(board, results, len(pairs_to_judge(results.current, verdicts)))
    statistics = judge_statistics(results.current, verdicts)
    if any(rate.total for rate in statistics.wins.values()) or verdicts:
        _statistics(board, statistics, verdicts)
        _reasons(board, results, verdicts)


def wins(board: Board, results: "BoardResults") -> "dict[str, Rate]":
    """Return the pairs that each variant has won by the judge of *board*; none without verdicts."""
    from core.compare.judging.verdicts import judge_statistics

    if board.judge is None:
        return {}
    verdicts = judging_repository().verdicts(board.id, board.judge.digest)
    rates = judge_statistics(results.current, verdicts).wins
    return {variant_id: rate for variant_id, rate in rates.items() if rate.total}


def _settings(board: Board) -> Board:
    """Draw the model and the rubric, which are saved with the board, and return it with them."""
    profile = session.profile()
    models = chat_models(profile)
    saved = board.judge or Judge(
        profile_id=profile.id,
        settings=ChatSettings(model=default_model_id("chat", models) or session.model() or ""),
    )

    def choose(model_id: str) -> None:
        change = {"profile_id": profile.id, "settings": ChatSettings(model=model_id)}
        _save(board, saved.model_copy(update=change))

    with st.container(width=320):
        key = f"board.judge.model.{board.id}"
        model_picker(saved.settings.model, label="Judge", key=key, server=profile.id, on_choose=choose)
    rubric = st.text_area(
        "Rubric",
        saved.rubric,
        key=f"board.judge.rubric.{board.id}",
        max_chars=20_000,
        height=140,
        help="The instructions of the judge. It replies with a winner and a reason, in a strict schema.",
    )
    chosen = Judge(profile_id=saved.profile_id, settings=saved.settings, rubric=rubric.strip() or RUBRIC)
    return _save(board, chosen)


def _save(board: Board, chosen: Judge) -> Board:
    update_board(board.id, lambda current: current.model_copy(update={"judge": chosen}))
    return board.model_copy(update={"judge": chosen})


def _progress(board: Board, work: "WorkProgress", budget: Budget) -> None:
    st.progress(work.ended / work.total if work.total else 0.0, progress_text(work, budget, "verdicts"))
    if st.button("Cancel", icon=":material/stop_circle:", key="board.judge.cancel"):
        board_session().start(board.id, lambda: judge_runs().stop(board.id, job_repository()))
        st.rerun()


def _run(board: Board, results: "BoardResults", pairs: int) -> None:
    runs, state = judge_runs(), board_session()
    runner = runs.runner(board.id, session.OWNER)
    if runner and runner.is_running:
        _progress(board, runner.progress, runner.budget)
        return
    if shared := _shared_job(board.id):
        _progress(board, job_repository().queue(shared.id).progress(), shared.budget)
        return
    if runner and runner.error:
        error_card(runner.error)
    if pairs and runner and runner.state is RunnerState.OVER_BUDGET:
        st.warning("The budget is used up. Raise it to judge the remaining pairs.", icon=":material/savings:")
    if error := state.errors.get(board.id):
        error_card(error)
    if reason := _reason_not_to_judge(results, pairs):
        st.caption(reason)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        buttons = st.container(width="content")
        st.caption(f"{format_count(pairs, 'call')}: each pair in both orders, so that a bias shows.")
        budget = _budget(board)
    left = format_count(pairs // 2, "pair") if pairs > 1 else "the other order"
    if buttons.button(f"Judge {left}", icon=":material/gavel:", type="primary", key="board.judge.run"):
        calls, profiles = session.live_session().calls, session.profiles()
        state.start(board.id, lambda: runs.start(board, results.current, calls, profiles, budget))
        st.rerun()


def _reason_not_to_judge(results: "BoardResults", pairs: int) -> str:
    if not pairs:
        return "Everything is judged." if results.current else "Run the board with two variants first."
    if not HistorySettings(resources.store(), session.OWNER).is_recording:
        # The items of its job have the replies in them, as a worker may judge them.
        return "A judge saves the replies that it compares, and recording is off in Settings."
    return ""


def _budget(board: Board) -> Budget:
    """Draw what the judge may spend, in a popover, as few people limit it."""
    profile = session.profiles().get(board.judge.profile_id) if board.judge else None
    in_dollars = profile is not None and profile.kind in ("openai", "azure")
    with st.popover("Budget", icon=":material/savings:", type="tertiary", key="board.judge.budget"):
        return budget_input("board.judge.budget.limit", in_dollars=in_dollars)


def _statistics(board: Board, statistics: "JudgeStatistics", verdicts: "Sequence[Verdict]") -> None:
    from core.compare.statistics.summary import percent

    labels = variant_labels(board)
    ranked = sorted(statistics.wins.items(), key=lambda pair: -(pair[1].share or 0))
    rows: list[dict[str, Any]] = [
        {
            "variant": labels[variant_id],
            "win rate": percent(rate) if rate.total else "no decision",
            "ties": statistics.ties[variant_id],
        }
        for variant_id, rate in ranked
        if variant_id in labels
    ]
    downloadable_table(rows, f"board-{board.id[:8]}-judge", "The pairs that each variant has won")
    # Imported verdicts are without the runs that they have cost.
    cost = f" for {_cost(board, verdicts)}" if any(verdict.run_id for verdict in verdicts) else ""
    parts = [format_count(len(verdicts), "verdict") + cost]
    if statistics.first_preferred.total:
        parts.append(f"the reply that was shown first won {percent(statistics.first_preferred)}")
    if statistics.inconsistent.total:
        parts.append(f"the order decided {percent(statistics.inconsistent)} of the pairs, which are ties")
    if statistics.invalid:
        parts.append(f"{format_count(statistics.invalid, 'call')} ended without a verdict")
    st.caption(escape_markdown(". ".join(part[0].upper() + part[1:] for part in parts) + "."))


def _cost(board: Board, verdicts: "Sequence[Verdict]") -> str:
    """Return what the calls of the judge have cost, at OpenAI's list price if they are free."""
    from core.compare.statistics.highlights import charge

    def compute() -> Decimal:
        ids = [verdict.run_id for verdict in verdicts]
        parts = (ids[start : start + 500] for start in range(0, len(ids), 500))
        runs = (run for part in parts for run in repositories.run_repository().summaries(part).values())
        return sum((charge(run) or Decimal(0) for run in runs), Decimal(0))

    key = board.id, board.judge.digest if board.judge else "", len(verdicts)
    return format_dollars(board_session().cache.get_or_compute("judge cost", None, key, compute))


def _reasons(board: Board, results: "BoardResults", verdicts: "Sequence[Verdict]") -> None:
    labels = variant_labels(board)
    names = {cell.run.id: labels.get(key.variant_id, "") for key, cell in results.current.items()}
    with st.expander("Latest reasons", icon=":material/notes:"):
        for verdict in verdicts[: -_SHOWN_REASONS - 1 : -1]:
            first, second = names.get(verdict.first_run_id), names.get(verdict.second_run_id)
            if not first or not second:
                continue
            outcomes = {"first": f"{first} wins", "second": f"{second} wins", "tie": "Tie"}
            outcome = outcomes.get(verdict.winner or "", "No verdict")
            shown = escape_markdown(f"{first} was shown before {second}")
            st.markdown(f":small[**{escape_markdown(outcome)}**, {shown}]")
            st.caption(escape_markdown(verdict.reason))
