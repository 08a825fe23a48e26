"""The saved boards, the last changed first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.board_menu import deleted_note
from components.compare.board.imports import import_popover
from components.compare.board.repositories import board_progress, board_repository, find_board, running_boards
from components.compare.board.url import open_board
from components.compare.session import chat_models
from components.session import session
from components.ui.formatting import format_count, relative_time
from components.ui.markdown_escape import escape_markdown
from core.errors.types import Unreadable

if TYPE_CHECKING:
    from components.compare.board.repositories import Running
    from core.compare.boards.repository import BoardSummary

_LIMIT = 50


def board_list() -> None:
    """Draw the button for a new board, and a row for each board, which opens it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "New board",
            icon=":material/add:",
            type="primary",
            key="board.new",
            on_click=_new_board,
            help="Starts as an example that can be run at once.",
        )
        import_popover()
    deleted_note()
    boards = board_repository().list(_LIMIT)
    if not boards:
        st.markdown(
            "A board runs every **variant** of a model and prompt with every **case**, "
            "and shows the replies side by side. **New board** starts as an example with two variants and "
            "four messages, which can be run at once."
        )
        return
    running = running_boards()
    unreadable = []
    with st.container(key="boards-list", gap="xsmall"):
        for board in boards:
            try:
                details = _details(board, running)
            except Unreadable:
                unreadable.append(f"**{escape_markdown(board.name)}**")
                continue
            label, key = f"**{escape_markdown(board.name)}** :small[{details}]", f"board.open.{board.id}"
            st.button(label, key=key, on_click=open_board, args=(board.id,), width="stretch")
    if unreadable:
        st.warning(
            f"Cannot be read, because another version of the app has saved it: {', '.join(unreadable)}.",
            icon=":material/warning:",
        )


def _details(summary: "BoardSummary", running: "Running") -> str:
    """Return the facts about a board. Raises Unreadable."""
    board = find_board(summary.id)
    progress = board_progress(summary.id, running)
    age = relative_time(summary.created_at, datetime.now(UTC))
    facts = (
        f"{format_count(len(board.enabled_variants), 'variant')} × {format_count(len(board.cases), 'case')}"
        if board
        else "",
        f"{progress.work.ended:,} of {progress.work.total:,} done, running" if progress.is_running else "",
        format_count(summary.results, "result") if summary.results else "not run yet",
        "created just now" if age == "now" else f"created {age} ago" if age[-1] in "nhd" else age,
    )
    return " · ".join(filter(None, facts))


def _new_board() -> None:
    from core.compare.boards.example import example_board

    profile = session.profile()
    board = example_board(profile.id, chat_models(profile))
    board_repository().save(board)
    open_board(board.id)
