"""The embeddings that similarity checks compare, which are requested when the user asks for them."""

import asyncio

import streamlit as st

from components.compare.board.repositories import judging_repository
from components.compare.board.session import board_session
from components.runtime import resources
from components.session import session
from components.ui.formatting import format_count
from core.compare.boards.board import Board
from core.compare.boards.checks import IsSimilar


def similarity(board: Board) -> None:
    """Draw the button that embeds replies and texts, if a similarity check needs them."""
    if not any(isinstance(check, IsSimilar) for check in board.checks):
        return
    state = board_session()
    unknown = len(state.results(board).unknown_similarities)
    if not unknown and not state.is_busy(board.id):
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
        st.caption(
            "Requesting embeddings…"
            if state.is_busy(board.id)
            else f"{format_count(unknown, 'result')} not compared yet with the text of a similarity check."
        )


def _compute(board: Board) -> None:
    from core.compare.judging.similarity import TextSimilarity, embed_replies

    state, profile = board_session(), session.profile()
    calls, results = session.live_session().calls, state.results(board)
    judging = judging_repository()

    async def compute() -> None:
        compared = await embed_replies(
            board, results.unknown_similarities, calls, profile, state.vectors, resources.runners()
        )
        await asyncio.to_thread(judging.add_similarities, board.id, compared.values)
        saved = await asyncio.to_thread(judging.similarities, board.id)
        results.check_again(TextSimilarity({**saved, **compared.values}))
        if compared.error:
            state.errors[board.id] = compared.error

    state.start(board.id, compute)
