"""The embeddings that similarity checks compare, which are requested when the user asks for them."""

import streamlit as st

from components.compare.board.session import board_session
from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from core.compare.boards.board import Board
from core.compare.boards.checks import IsSimilar


def similarity(board: Board) -> None:
    """Draw the button that embeds replies and texts, if the board has a similarity check."""
    if not any(isinstance(check, IsSimilar) for check in board.checks):
        return
    state = board_session()
    results = state.results(board)
    if not results.current:
        st.caption("Similarity checks are computed when the board has been run.")
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            "Compute similarity",
            icon=":material/hub:",
            key="board.similarity",
            on_click=_compute,
            args=(board,),
            disabled=state.is_busy(board.id),
            help="Requests the embeddings of replies and texts that are not known yet.",
        )
        if state.is_busy(board.id):
            st.caption("Requesting embeddings…")
    if error := state.errors.get(board.id):
        error_card(error)


def _compute(board: Board) -> None:
    from core.compare.judging.similarity import embed_replies

    state, profile = board_session(), session.profile()
    calls, results = session.live_session().calls, state.results(board)

    async def compute() -> None:
        compared = await embed_replies(
            board, results.current, calls, profile, state.vectors, resources.runners()
        )
        results.check_again(compared)
        if compared.error:
            state.errors[board.id] = compared.error

    state.start(board.id, compute)
