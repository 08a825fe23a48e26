"""What can be done with a board as a whole: rename, duplicate, delete and undo that."""

import streamlit as st

from components.compare.board.repositories import board_repository, job_repository, update_board
from components.compare.board.session import board_session
from components.compare.board.url import open_board, open_board_list
from components.runtime import resources
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board
from core.runs import event_loop


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
            # What starts or stops is finished in a moment, and known only then.
            disabled=board_session().is_busy(board.id),
            help="Cancels what runs. Batches that were submitted go on. The runs stay in History.",
            width="stretch",
        )


def deleted_note() -> None:
    """Draw that a board was deleted, with the button that brings it back."""
    deleted = board_session().deleted
    if deleted is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray[Deleted **{escape_markdown(deleted.name)}**.]", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", key="board.undo", on_click=_restore)


def _rename(board_id: str, key: str) -> None:
    name = session.widget_value(key).strip() or "Untitled board"
    update_board(board_id, lambda board: board.model_copy(update={"name": name}))


def _duplicate(board: Board) -> None:
    copy = board.duplicate()
    board_repository().save(copy)
    open_board(copy.id)


def _delete(board: Board) -> None:
    from core.compare.running.processes import cancel_board

    board_repository().delete(board.id)
    event_loop.submit(cancel_board(resources.runners(), job_repository(), board.id))
    board_session().deleted = board
    open_board_list()


def _restore() -> None:
    state = board_session()
    if deleted := state.deleted:
        board_repository().restore(deleted.id)
        state.deleted = None
        open_board(deleted.id)
