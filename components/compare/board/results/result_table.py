"""The table of results: a row for each case, a column for each variant."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.compare.board.labels import variant_labels
from components.ui.arrow import arrow_table
from core.compare.boards.board import CellKey
from core.compare.boards.cells import CellState
from core.compare.variants.reply import NOT_RECORDED, reply_text
from core.files.csv_injection import escape_cell

if TYPE_CHECKING:
    from core.compare.boards.results import BoardResults, BoardRow

_MAX_TEXT = 400
_MAX_VARIABLES = 4
_ROW_HEIGHT = 88


def result_table(results: "BoardResults", rows: "Sequence[BoardRow]", key: str) -> "BoardRow | None":
    """Draw *rows*, and return the selected one."""
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    labels = variant_labels(results.board)
    selection = st.dataframe(
        arrow_table(result_columns(results, rows)),
        hide_index=True,
        alt="The cases with the replies of the variants",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        row_height=_ROW_HEIGHT,
        column_config={
            "case": number(width=56, pinned=True),
            "run": number(width=56),
            **{_column(name): text(width=190) for name in results.board.variable_names()},
            "expected": text(width=120),
            **{label: text(width=235) for label in labels.values()},
        },
    )
    selected: Sequence[int] = selection["selection"]["rows"]
    return rows[selected[0]] if selected and selected[0] < len(rows) else None


def result_columns(results: "BoardResults", rows: "Sequence[BoardRow]") -> dict[str, list[str] | list[int]]:
    """Return the columns of the table by their heading."""
    board = results.board
    columns: dict[str, list[str] | list[int]] = {"case": [row.number for row in rows]}
    if board.repetitions > 1:
        columns["run"] = [row.repetition for row in rows]
    labels = variant_labels(board)
    for name in board.variable_names()[:_MAX_VARIABLES]:
        # Letters and digits only, so that it is no label of a variant.
        columns[_column(name)] = [_short(row.case.variables.get(name, "")) for row in rows]
    if any(case.expected for case in board.cases):
        columns["expected"] = [_short(row.case.expected or "") for row in rows]
    for variant_id, label in labels.items():
        columns[label] = [_cell(results, row.keys[variant_id]) for row in rows]
    return columns


def _column(variable: str) -> str:
    return f"variable {variable}" if variable in ("case", "run", "expected") else variable


def _cell(results: "BoardResults", key: CellKey) -> str:
    """Return the reply after a mark of its state; nothing for a cell that was not run."""
    state, cell = results.states[key], results.cells.get(key)
    if cell is None:
        return ""
    if state is CellState.FAILED or not cell.is_done:
        title = cell.run.error.title if cell.run.error else cell.run.state.value
        return _short(f"✗ {title}")
    mark = "↻" if state is CellState.STALE else "⚠" if results.has_failed_check(key) else "✓"
    return _short(f"{mark} {reply_text(cell.run) if cell.has_reply else NOT_RECORDED}")


def _short(text: str) -> str:
    shown = " ".join(text[: 2 * _MAX_TEXT].split())
    return escape_cell(shown if len(shown) <= _MAX_TEXT else f"{shown[: _MAX_TEXT - 1]}…")
