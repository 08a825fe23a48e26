"""What can be done with a board as a whole."""

import streamlit as st

from components.compare.board.board_list import add_board
from components.compare.board.repositories import board_repository
from core.compare.board import Board

_NAME_KEY = "board.name"


def board_menu(board: Board) -> None:
    """Draw the menu of *board*."""
    with st.popover("Board", icon=":material/more_horiz:", type="tertiary", key="board.menu"):
        name = st.text_input("Name", board.name, key=f"{_NAME_KEY}.{board.id}", max_chars=200).strip()
        if name and name != board.name:
            board_repository().save(board.model_copy(update={"name": name}))
            st.rerun()
        st.button(
            "Duplicate",
            icon=":material/content_copy:",
            key="board.duplicate",
            on_click=lambda: add_board(board.duplicate()),
            help="Copies variants, cases and checks, without results.",
        )
