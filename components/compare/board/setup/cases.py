"""The cases of a board: a table of their variables, and cases from pasted text and files."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components.compare.board.repositories import history_repository, update_board
from components.compare.board.session import board_session
from components.session import repositories, session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.compare.boards.board import MAX_CASES, MAX_REPETITIONS, Board, Case
from core.compare.boards.checks import EXPECTED
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.runs.run import RunState

_MAX_ENTRIES = 50


def cases(board: Board) -> None:
    """Draw the table, in which cases are edited, and what is wrong with their variables."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        _import(board)
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


def _import(board: Board) -> None:
    """Draw where cases can be pasted and uploaded."""
    state = board_session()
    with st.popover("Add cases", icon=":material/playlist_add:", key=f"board.cases.import.{state.edits}"):
        pasted = st.text_area(
            "Paste a table or lines",
            key=f"board.cases.pasted.{state.edits}",
            height=140,
            placeholder="message,expected\nWhere is my order?,delivery",
            help="The first line of a table has the names of the variables. Else each line is a case.",
        )
        uploaded = st.file_uploader(
            "Or choose a file",
            ["csv", "tsv", "jsonl", "ndjson"],
            max_upload_size=MAX_UPLOAD_MB,
            key=f"board.cases.file.{state.edits}",
        )
        chosen = _from_history(state.edits)
        is_replaced = st.checkbox("Replace the present cases", key=f"board.cases.replace.{state.edits}")
        is_empty = not (pasted or uploaded or chosen)
        if not st.button("Add cases", type="primary", key="board.cases.add", disabled=is_empty):
            return
        earlier = () if is_replaced else board.cases
        try:
            new = [*_read(board, pasted, uploaded, chosen)]
            if len(new) > MAX_CASES - len(earlier):
                raise PlaygroundError(f"A board has at most {MAX_CASES:,} cases", "Add a part of the rows.")
        except PlaygroundError as error:
            error_card(explain(error), icon=":material/block:")
            return
    update_board(board.id, lambda current: current.with_cases([*earlier, *new]))
    state.edits += 1
    st.toast(f"{format_count(len(new), 'case')} added.", icon=":material/check:")
    st.rerun()


def _from_history(edits: int) -> Sequence[str]:
    """Draw a search for runs of the history, and return the ids of those that are chosen."""
    from core.history.filter import HistoryFilter

    search = st.text_input(
        "Or choose requests of the history",
        key=f"board.cases.search.{edits}",
        placeholder="Words of the prompt or the reply",
        help="The last message of the user becomes the first variable, the reply the expected one.",
    )
    if not search.strip():
        return ()
    chat = HistoryFilter(search=search, states=(RunState.DONE,))
    entries = {entry.run_id: entry for entry in history_repository().list(chat, _MAX_ENTRIES)}
    return st.multiselect(
        "Requests",
        list(entries),
        format_func=lambda run_id: f"{entries[run_id].model} · {entries[run_id].prompt[:80]}",
        key=f"board.cases.runs.{edits}.{search}",
        label_visibility="collapsed",
    )


def _read(board: Board, pasted: str, uploaded: Any, run_ids: Sequence[str]) -> Sequence[Case]:
    from core.compare.boards.cases import cases_from_file, cases_from_paste, cases_from_runs

    variable = next(iter(board.variable_names()), "input")

    try:
        return [
            *(cases_from_paste(pasted, board.variable_names()) if pasted else ()),
            *(cases_from_file(uploaded.name, uploaded.getvalue()) if uploaded else ()),
            *(cases_from_runs(repositories.run_repository().get_many(run_ids).values(), variable)),
        ]
    except ValueError as error:
        raise PlaygroundError("These are no valid cases", "A case has at most 100 variables.") from error
