"""What can be done with a board as a whole: rename, duplicate, delete and undo that."""

import streamlit as st

from components.compare.board.repositories import (
    batch_repository,
    board_repository,
    job_repository,
    update_board,
)
from components.compare.board.running.batch import count_batches
from components.compare.board.session import board_session
from components.compare.board.url import open_board, open_board_list
from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import plural
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import Board

_REFRESH_INTERVAL = 1.0


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
            help="Cancels what runs, and batches that were submitted. The runs stay in History.",
            width="stretch",
        )
        if batches := count_batches(board.id):
            noun = plural("batch", batches)
            st.caption(f"Delete cancels its {noun}, too. Undo brings back the board, but not the {noun}.")


def deleted_note() -> None:
    """Draw that a board was deleted, with the button that brings it back."""
    deleted = board_session().deleted
    if deleted is None:
        return
    if board_session().is_busy(_deletion(deleted.id)):
        st.fragment(_cancelling_note, run_every=_REFRESH_INTERVAL)(deleted)
    else:  # no fragment, as Undo must draw the whole page
        _deleted_note(deleted)


def _cancelling_note(deleted: Board) -> None:
    """Draw the note of *deleted* until its batches are cancelled or it is restored, then the whole page."""
    state = board_session()
    if state.deleted is not deleted or not state.is_busy(_deletion(deleted.id)):
        st.rerun()
    _deleted_note(deleted)


def _deleted_note(deleted: Board) -> None:
    state, task = board_session(), _deletion(deleted.id)
    batches = ""
    if (count := count_batches(deleted.id)) and task not in state.errors:
        noun, is_done = plural("batch", count), "is" if count == 1 else "are"
        batches = f" Cancelling its {noun}…" if state.is_busy(task) else f" Its {noun} {is_done} cancelled."
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":gray[Deleted **{escape_markdown(deleted.name)}**.{batches}]", width="content")
        st.button("Undo", icon=":material/undo:", type="tertiary", key="board.undo", on_click=_restore)
    if error := state.errors.get(task):
        error_card(error)


def _rename(board_id: str, key: str) -> None:
    name = session.widget_value(key).strip() or "Untitled board"
    update_board(board_id, lambda board: board.model_copy(update={"name": name}))


def _duplicate(board: Board) -> None:
    copy = board.duplicate()
    board_repository().save(copy)
    open_board(copy.id)


def _delete(board: Board) -> None:
    from core.compare.running.batch import cancel_batches
    from core.compare.running.processes import cancel_board

    board_repository().delete(board.id)
    runners, jobs, profiles = resources.runners(), job_repository(), session.profiles()
    batches = batch_repository()

    async def cancel() -> None:
        await cancel_board(runners, jobs, board.id)
        await cancel_batches(board.id, jobs, batches, profiles)

    state = board_session()
    state.start(_deletion(board.id), cancel)
    state.deleted = board
    open_board_list()


def _deletion(board_id: str) -> str:
    """Return how the session calls the cancelling of what runs for a deleted board."""
    return f"{board_id} deleted"


def _restore() -> None:
    state = board_session()
    if deleted := state.deleted:
        board_repository().restore(deleted.id)
        state.deleted = None
        open_board(deleted.id)
