"""Who decides which reply is better: people who do not see the variants, or a model."""

import streamlit as st

from components.compare.board.judging.blind_rating import blind_rating
from components.compare.board.judging.judge import judge
from core.compare.boards.board import Board


def judging(board: Board) -> None:
    """Draw the ratings of people, or the judge."""
    view = st.segmented_control(
        "Judge",
        ("Rate blind", "Model as judge"),
        default="Rate blind",
        required=True,
        key=f"board.judging.{board.id}",
        label_visibility="collapsed",
    )
    if view == "Rate blind":
        blind_rating(board)
    else:
        judge(board)
