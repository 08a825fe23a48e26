"""The cases of a board: a table of their variables, and what is wrong with these."""

from typing import Any

import streamlit as st

from components.compare.board.repositories import update_board
from components.compare.board.session import board_session
from components.compare.board.setup.add_cases import add_cases
from components.session import session
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from core.compare.boards.board import MAX_REPETITIONS, Board
from core.compare.boards.checks import EXPECTED


def cases(board: Board) -> None:
    """Draw the table, in which cases are edited, and what is wrong with their variables."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        add_cases(board)
        repetitions = st.number_input(
            "Runs per cell",
            1,
            MAX_REPETITIONS,
            board.repetitions,
            key=f"board.repetitions.{board.id}",
            width=160,
            help="Several replies to the same request show how much a variant varies.",
        )
    if repetitions != board.repetitions:
        update_board(board.id, lambda current: current.model_copy(update={"repetitions": repetitions}))
        st.rerun()
    _problems(board)
    _table(board)


def _problems(board: Board) -> None:
    """Draw which variables have no text in some cases, and which columns no prompt uses."""
    from core.compare.boards.cases import variable_problems

    problems = variable_problems(board)
    for name, count in problems.missing.items():
        text = f"**{escape_markdown(name)}** is empty in {format_count(count, 'case')}: it is sent as "
        st.warning(f"{text}{escape_markdown('{{' + name + '}}')}.", icon=":material/warning:")
    if problems.unused:
        names = ", ".join(f"**{escape_markdown(name)}**" for name in problems.unused)
        st.info(f"No prompt uses {names}.", icon=":material/info:")
    if board.variants and not board.variable_names():
        st.info("The prompts have no variables, so every case sends the same.", icon=":material/info:")


def _table(board: Board) -> None:
    import pyarrow  # type: ignore[import-untyped]  # late: only tables need it

    from core.compare.boards.case_edits import CaseEdits

    state = board_session()
    used = [*board.variable_names(), *(name for case in board.cases for name in case.variables)]
    names = [name for name in dict.fromkeys(used) if name != EXPECTED]
    editor = f"board.cases.{board.id}.{state.edits}.{'.'.join(names)}"
    if state.case_editor != editor:
        state.case_editor, state.case_base = editor, board.cases
    columns: dict[str, Any] = {
        name: [case.variables.get(name, "") for case in state.case_base] for name in names
    }
    columns[EXPECTED] = [case.expected or "" for case in state.case_base]
    text = st.column_config.TextColumn
    st.data_editor(
        pyarrow.table(columns, schema=pyarrow.schema([(name, pyarrow.string()) for name in columns])),
        num_rows="dynamic",
        hide_index=True,
        key=editor,
        alt="The cases, a row for each",
        column_config={
            **{name: text(width="large") for name in names},
            EXPECTED: text(help="Checks compare the reply with it.", width="medium"),
        },
    )
    changes = session.widget_value(editor) or {}
    edits = CaseEdits(
        {int(number): _texts(row) for number, row in changes.get("edited_rows", {}).items()},
        [_texts(row) for row in changes.get("added_rows", ())],
        changes.get("deleted_rows", ()),
    )
    edited = edits.apply(state.case_base, editor)
    if tuple(edited) != board.cases:
        update_board(board.id, lambda current: current.with_cases(edited))
        st.rerun()


def _texts(row: dict[str, Any]) -> dict[str, str | None]:
    """Return the columns of a changed row, without those that the table adds."""
    return {name: value for name, value in row.items() if not name.startswith("_index")}
