"""What a board says while runs that it shows are deleted."""

import streamlit as st

from components.compare.board.repositories import board_repository
from components.ui.formatting import format_count
from core.compare.boards.board import Board


def deleted_results(board: Board) -> None:
    """Draw how many results of *board* were deleted in History, with a button that restores them."""
    repository = board_repository()
    deleted = repository.deleted_results(board.id)
    if not deleted:
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="board-deleted"):
        st.markdown(
            f":material/delete: {format_count(len(deleted), 'result')} below "
            f"{'was' if len(deleted) == 1 else 'were'} deleted in History, and can be restored for a day.",
            width="stretch",
        )
        st.button(
            "Restore",
            icon=":material/undo:",
            key=f"board.restore.{board.id}",
            on_click=repository.restore_results,
            args=(board.id,),
        )
