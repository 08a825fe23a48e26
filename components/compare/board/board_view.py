"""The Boards view: the list of boards, or the open one."""

from collections.abc import Callable, Mapping

import streamlit as st

from components.compare.board.board_list import board_list
from components.compare.board.board_menu import board_menu
from components.compare.board.deleted_results import deleted_results
from components.compare.board.export import export
from components.compare.board.judging.judge import is_judging
from components.compare.board.judging.judging import judging
from components.compare.board.repositories import board_repository, find_board
from components.compare.board.results.results import inspector, results
from components.compare.board.results.statistics import statistics
from components.compare.board.running.batch import waits_for_batches
from components.compare.board.running.run_panel import is_running, run_panel
from components.compare.board.session import board_session
from components.compare.board.setup.cases import cases
from components.compare.board.setup.checks import checks
from components.compare.board.setup.variants import variant_dialog, variants
from components.compare.board.url import open_board_list, opened_board
from components.runtime.startup import import_in_background
from components.session import session
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board
from core.errors.explain import explain
from core.errors.types import Unreadable
from core.http.turns import page_runs

_REFRESH_INTERVAL = 1.5
_BATCH_INTERVAL = 5.0
# Seconds between two looks at what others have changed.
_WATCH_INTERVAL = 2.0
TABS: Mapping[str, Callable[[Board], None]] = {
    "Results": results,
    "Variants": variants,
    "Cases": cases,
    "Checks": checks,
    "Judging": judging,
    "Statistics": statistics,
    "Export": export,
}


def board_view() -> None:
    """Draw the open board, or the list of all."""
    board_id = opened_board()
    board = _opened_board(board_id) if board_id else None
    if board is None:
        # A new board has models of the server. One that is saved has its own, so it does not wait for them.
        if session.connection().pending and not session.known_models(session.profile()):
            st.info("Connecting…", icon=":material/hourglass_top:")
        else:
            board_list()
            # For the table of the board that is opened next.
            import_in_background(("pyarrow",))
        return
    state = board_session()
    live = _live(board.id)
    # One fragment for all of it: Streamlit drops what a run has drawn last if a timed run of a fragment is
    # requested before the browser has it, and then the next timed run draws it again.
    interval = _REFRESH_INTERVAL if any(live[:2]) else _BATCH_INTERVAL if any(live) else None
    st.fragment(_board, run_every=interval)(board.id, live, state.opened)
    if interval is None and not state.edited:  # the settings of a variant save as they are edited
        st.fragment(_watch, run_every=_WATCH_INTERVAL)(board.id)
    if state.edited:
        variant_dialog(board)
    else:
        inspector()


def _opened_board(board_id: str) -> Board | None:
    """Return a board, or draw why it cannot be opened."""
    try:
        board = find_board(board_id)
    except Unreadable as error:
        error_card(explain(error))
        return None
    if board is None:
        st.info("This board was deleted.", icon=":material/info:")
    return board


def _live(board_id: str) -> tuple[bool, bool, bool]:
    """Return whether cells are run, are judged, and are to come from batches."""
    return is_running(board_id), is_judging(board_id), waits_for_batches(board_id)


def _board(board_id: str, live: tuple[bool, bool, bool], opened: object) -> None:
    board = find_board(board_id)
    is_outdated = (board_id, live, opened) != (opened_board(), _live(board_id), board_session().opened)
    if board is None or is_outdated:
        st.rerun()
    with page_runs.running():  # those of a fragment, too
        # Before anything is read, so that what changes meanwhile is drawn by the next run.
        board_session().drawn = board_repository().version(board_id)
        _draw(board, is_live=live[0])


def _watch(board_id: str) -> None:
    """Draw the board again when another session or process has changed it, or runs it."""
    if board_session().drawn != board_repository().version(board_id) or any(_live(board_id)):
        st.rerun()


def _draw(board: Board, *, is_live: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "All boards",
            icon=":material/arrow_back:",
            type="tertiary",
            key="board.back",
            on_click=open_board_list,
        )
        st.header(escape_markdown(board.name), anchor=False, width="content")
        board_menu(board)
    deleted_results(board)
    run_panel(board, is_live=is_live)
    for tab, draw in zip(
        st.tabs(list(TABS), key=f"board.tabs.{board.id}", on_change="rerun"), TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(board)
