"""The Boards view: the list of boards, or the open one."""

from collections.abc import Callable, Mapping

import streamlit as st

from components.compare.board.board_list import board_list
from components.compare.board.board_menu import board_menu
from components.compare.board.cases import cases
from components.compare.board.checks import checks
from components.compare.board.export import export
from components.compare.board.repositories import find_board
from components.compare.board.results import inspector, results
from components.compare.board.run_panel import run_panel
from components.compare.board.session import board_session
from components.compare.board.statistics import statistics
from components.compare.board.url import open_board_list, opened_board
from components.compare.board.variants import variant_dialog, variants
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.compare.board import Board

_TABS: Mapping[str, Callable[[Board], None]] = {
    "Results": results,
    "Variants": variants,
    "Cases": cases,
    "Checks": checks,
    "Statistics": statistics,
    "Export": export,
}


def board_view() -> None:
    """Draw the open board, or the list of all."""
    if session.connection().pending and not session.known_models(session.profile()):
        st.info("Connecting…", icon=":material/hourglass_top:")
        return
    board_id = opened_board()
    board = find_board(board_id) if board_id else None
    if board is None:
        if board_id:
            st.info("This board was deleted.", icon=":material/info:")
        board_list()
        return
    _board(board)


def _board(board: Board) -> None:
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
    run_panel(board)
    for tab, draw in zip(
        st.tabs(list(_TABS), key=f"board.tabs.{board.id}", on_change="rerun"), _TABS.values(), strict=True
    ):
        if tab.open:
            with tab:
                draw(board)
    if board_session().edited:
        variant_dialog(board)
    else:
        inspector()
