"""The form that adds cases to a board: from pasted text, a file, or requests of the history."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from components.compare.board.repositories import history_repository, update_board
from components.compare.board.session import board_session
from components.runtime import resources
from components.session import repositories
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.compare.boards.board import MAX_CASES, Board, Case
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.runs.run import RunState

_MAX_ENTRIES = 50
_MAX_PROMPT = 60
_CATCH_UP = 0.15  # seconds
_WIDTH = 480

# Reads the cases when they are added; None as long as there is nothing to read.
_Reader = Callable[[], Sequence[Case]] | None


def add_cases(board: Board) -> None:
    """Draw the form in a popover, one source at a time, so that its button is in view on a small screen."""
    state = board_session()
    popover = st.popover("Add cases", icon=":material/playlist_add:", key=f"board.cases.import.{state.edits}")
    with popover.container(width=_WIDTH):
        source = st.segmented_control(
            "Source",
            list(_SOURCES),
            default="Text",
            required=True,
            key=f"board.cases.source.{state.edits}",
            label_visibility="collapsed",
            width="stretch",
        )
        read = _SOURCES[source](board, f"board.cases.{state.edits}.{source}")
        is_replaced = st.checkbox("Replace the present cases", key=f"board.cases.replace.{state.edits}")
        # Not disabled without a text: what is typed arrives with the click.
        if not st.button("Add", type="primary", key="board.cases.add"):
            return
        earlier = () if is_replaced else board.cases
        try:
            new = _read(read, MAX_CASES - len(earlier))
        except PlaygroundError as error:
            error_card(explain(error), icon=":material/block:")
            return
    update_board(board.id, lambda current: current.with_cases([*earlier, *new]))
    state.edits += 1
    st.toast(f"{format_count(len(new), 'case')} added.", icon=":material/check:")
    st.rerun()


def _read(read: _Reader, most: int) -> Sequence[Case]:
    if read is None:
        raise PlaygroundError("There is nothing to add yet", "Paste a text, or choose a file or requests.")
    try:
        cases = read()
    except ValueError as error:
        raise PlaygroundError("These are no valid cases", "A case has at most 100 variables.") from error
    if not cases:
        raise PlaygroundError("There is no case in it", "A case needs a text for a variable of the prompts.")
    if len(cases) > most:
        raise PlaygroundError(f"A board has at most {MAX_CASES:,} cases", "Add a part of the rows.")
    return cases


def _from_text(board: Board, key: str) -> _Reader:
    from core.compare.boards.cases import cases_from_paste

    variables = board.variable_names()
    pasted = st.text_area(
        "Paste a table or lines",
        key=f"{key}.text",
        height=140,
        placeholder=f"{_first_variable(board)},expected\nWhere is my order?,delivery",
        help="The first line of a table has the names of the variables. Else each line is a case.",
    )
    return (lambda: cases_from_paste(pasted, variables)) if pasted else None


def _from_file(_board: Board, key: str) -> _Reader:
    from core.compare.boards.cases import cases_from_file

    uploaded = st.file_uploader(
        "Choose a file",
        ["csv", "tsv", "jsonl", "ndjson"],
        max_upload_size=MAX_UPLOAD_MB,
        key=f"{key}.file",
    )
    return (lambda: cases_from_file(uploaded.name, uploaded.getvalue())) if uploaded else None


def _from_history(board: Board, key: str) -> _Reader:
    """Draw the latest requests, or those with certain words, of which any can be chosen."""
    from core.compare.boards.cases import cases_from_runs
    from core.history.filter import HistoryFilter

    search = st.text_input(
        "Search the history", key=f"{key}.search", placeholder="Words of the prompt or the reply"
    )
    # Runs that have just ended enter the history when it is read.
    resources.history_indexer().catch_up(_CATCH_UP)
    matching = HistoryFilter(search=search, states=(RunState.DONE,))
    entries = {entry.run_id: entry for entry in history_repository().list(matching, _MAX_ENTRIES)}
    if not entries:
        st.caption("No completed request has these words." if search.strip() else "The history is empty.")
        return None
    variable = _first_variable(board)
    chosen = st.multiselect(
        f"Requests with “{escape_markdown(search)}”" if search.strip() else "Latest requests",
        list(entries),
        format_func=lambda run_id: f"{entries[run_id].prompt[:_MAX_PROMPT]} · {entries[run_id].model}",
        key=f"{key}.runs.{search}",
        help=f"The last message of the user becomes **{variable}**, the reply the expected one.",
    )
    if not chosen:
        return None

    def read() -> Sequence[Case]:
        runs = repositories.run_repository().get_many(chosen)
        return cases_from_runs([runs[run_id] for run_id in chosen if run_id in runs], variable)

    return read


def _first_variable(board: Board) -> str:
    return next(iter(board.variable_names()), "input")


_SOURCES: Mapping[str, Callable[[Board, str], _Reader]] = {
    "Text": _from_text,
    "File": _from_file,
    "History": _from_history,
}
