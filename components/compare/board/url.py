"""The view of the Compare page in the URL: a board, the list of boards, or else the quick comparison."""

import re

import streamlit as st

from components.session import session

_PARAMETER = "board"
_LIST = "all"
_VALID_ID = re.compile(r"[0-9a-f]{32}")
_VIEWS = ("Quick", "Boards")
_VIEW_KEY = "compare.view"


def open_board(board_id: str) -> None:
    """Show a board from the next run of the page on."""
    st.query_params.from_dict({_PARAMETER: board_id})


def open_board_list() -> None:
    """Show the list of boards from the next run of the page on."""
    st.query_params.from_dict({_PARAMETER: _LIST})


def opened_board() -> str | None:
    """Return the id of the board to show."""
    board_id = str(st.query_params.get(_PARAMETER, ""))
    return board_id if _VALID_ID.fullmatch(board_id) else None


def is_board_view() -> bool:
    """Whether a board, or the list of boards, is shown."""
    return _PARAMETER in st.query_params


def view_switch() -> None:
    """Draw the control that switches between the quick comparison and the boards."""
    session.set_widget_value(_VIEW_KEY, _VIEWS[is_board_view()])
    st.segmented_control(
        "View", _VIEWS, required=True, key=_VIEW_KEY, label_visibility="collapsed", on_change=_switch
    )


def _switch() -> None:
    if session.widget_value(_VIEW_KEY) == _VIEWS[1]:
        open_board_list()
    else:
        st.query_params.clear()
