"""The saved boards, the last changed first."""

from datetime import UTC, datetime

import streamlit as st

from components.compare.board.repositories import board_repository
from components.compare.board.url import open_board
from components.compare.session import chat_models
from components.session import session
from components.ui.formatting import format_count, relative_time
from components.ui.markdown_escape import escape_markdown
from core.compare.board import Board

_LIMIT = 200


def board_list() -> None:
    """Draw the button for a new board, and a row for each board, which opens it."""
    boards = board_repository().list(_LIMIT)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "New board",
            icon=":material/add:",
            type="primary",
            key="board.new",
            on_click=_new_board,
            help="Starts as an example that can be run at once.",
        )
    if not boards:
        st.markdown(
            "A board runs every **variant** of a model and prompt with every **case**, "
            "and shows the replies side by side. Start with the example: two prompts, four messages."
        )
        return
    now = datetime.now(UTC)
    with st.container(key="boards-list", gap="xsmall"):
        for board in boards:
            results = format_count(board.results, "result") if board.results else "not run yet"
            details = f":small[{results} · {relative_time(board.created_at, now)}]"
            st.button(
                f"**{escape_markdown(board.name)}** {details}",
                key=f"board.open.{board.id}",
                on_click=open_board,
                args=(board.id,),
                width="stretch",
            )


def _new_board() -> None:
    from core.compare.example_board import example_board

    profile = session.profile()
    add_board(example_board(profile.id, chat_models(profile)))


def add_board(board: Board) -> None:
    """Save a new board, and open it."""
    board_repository().save(board)
    open_board(board.id)
