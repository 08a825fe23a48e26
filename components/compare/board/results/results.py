"""The results of a board: a table of cases and variants, and the cells of the selected row side by side."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.repositories import judging_repository
from components.compare.board.results.cell_details import row_details
from components.compare.board.results.result_table import result_table
from components.compare.board.session import board_session
from components.compare.board.setup.similarity import similarity
from components.ui.formatting import format_count
from components.ui.inspector import run_inspector
from core.compare.boards.board import Board

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults, BoardRow, CaseFilter
    from core.compare.judging.ratings import Rating

_PAGE_SIZE = 50


def inspector() -> None:
    """Draw the details of the run that was opened, if there is one."""
    state = board_session()
    if state.inspected:
        dialog = st.dialog(
            "Request details", width="large", position="right", on_dismiss=lambda: state.inspect(None)
        )
        dialog(run_inspector.run_details)(state.inspected)


def results(board: Board) -> None:
    """Draw the filters, the table, and the cells of the selected row."""
    results = board_session().results(board)
    if not results.states:
        st.caption("Add a variant and a case. Their replies appear here.")
        return
    ratings = judging_repository().ratings(board.id)
    row_filter, rows = _filter(board, results, ratings)
    pages, number = -(-len(rows) // _PAGE_SIZE), 1
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(
            f"{format_count(len(rows), 'row')}. Select one to read its replies side by side. "
            "✓ done · ⚠ check failed · ✗ failed · ↻ outdated"
        )
        if pages > 1:
            number = st.pagination(pages, width=300, key=f"board.page.{board.id}.{row_filter}")
    similarity(board)
    page = rows[(number - 1) * _PAGE_SIZE : number * _PAGE_SIZE]
    selected = result_table(results, page, f"board.table.{board.id}.{row_filter}.{number}")
    if selected is not None:
        row_details(results, selected, ratings)


def _filter(
    board: Board, results: "BoardResults", ratings: "Mapping[str, Rating]"
) -> "tuple[CaseFilter, Sequence[BoardRow]]":
    """Draw the filters with the number of rows of each, and return the chosen one with its rows."""
    from core.compare.boards.results import CaseFilter

    rows = results.rows()
    matching = {each: [row for row in rows if results.matches(row, each, ratings)] for each in CaseFilter}
    chosen: CaseFilter = st.segmented_control(
        "Rows",
        list(CaseFilter),
        default=CaseFilter.ALL,
        format_func=lambda each: f"{each.capitalize()} {len(matching[each]):,}",
        key=f"board.filter.{board.id}",
        required=True,
        label_visibility="collapsed",
    )
    return chosen, matching[chosen]
