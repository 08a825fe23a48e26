"""What can be done with a board as a whole: rename, duplicate, delete and undo that."""

import streamlit as st

from components.compare.board.repositories import board_repository, judging_repository, update_board
from components.compare.board.running.run_panel import is_running
from components.compare.board.session import board_session
from components.compare.board.url import open_board, open_board_list
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board


def board_menu(board: Board) -> None:
    """Draw the menu of *board*."""
    with st.popover("Board", icon=":material/more_horiz:", type="tertiary", key="board.menu"):
        name_key = f"board.name.{board.id}"
        session.with_default(name_key, board.name)
        st.text_input("Name", key=name_key, max_chars=200, on_change=_rename, args=(board.id, name_key))
        st.button(
            "Duplicate",
            icon=":material/content_copy:",
            key="board.duplicate",
            on_click=_duplicate,
            args=(board,),
            help="Copies variants, cases and checks, without results.",
            width="stretch",
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="board.delete",
            on_click=_delete,
            args=(board,),
            disabled=is_running(board.id),
            help="Cancel it first." if is_running(board.id) else None,
            width="stretch",
        )


def deleted_note() -> None:
    """Draw that a board was deleted, with the button that brings it back."""
    deleted = board_session().deleted
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray[Deleted **{escape_markdown(deleted.board.name)}**.]", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", key="board.undo", on_click=_restore)


def _rename(board_id: str, key: str) -> None:
    name = session.widget_value(key).strip() or "Untitled board"
    update_board(board_id, lambda board: board.model_copy(update={"name": name}))


def _duplicate(board: Board) -> None:
    copy = board.duplicate()
    board_repository().save(copy)
    open_board(copy.id)


def _delete(board: Board) -> None:
    from core.compare.export.board_file import ImportedBoard

    repository = board_repository()
    ratings = judging_repository().ratings(board.id)
    board_session().deleted = ImportedBoard(board, repository.cells(board.id), ratings)
    repository.delete(board.id)
    open_board_list()


def _restore() -> None:
    state = board_session()
    if deleted := state.deleted:
        board_repository().restore(deleted.board, list(deleted.cells.values()))
        for run_id, rating in deleted.ratings.items():
            judging_repository().rate(deleted.board.id, run_id, rating)
        state.deleted = None
        open_board(deleted.board.id)
