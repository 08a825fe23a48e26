"""The cells of the table of results: a reply that is a JSON object has a column for each of its fields."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.batches.results.input_lines import input_text
from core.batches.results.results import ResultRow
from core.files.csv_injection import escape_cell

_MAX_TEXT = 500
_MAX_COLUMNS = 20
_OWN_COLUMNS = (
    "line",
    "custom_id",
    "state",
    "request",
    "reply",
    "error",
    "input tokens",
    "output tokens",
    "cost",
)
_INTEGER_LIMIT = 2**63


def result_cells(rows: Sequence[ResultRow], bodies: Mapping[int, Mapping[str, Any]], key: str) -> int | None:
    """Draw the rows beside the texts of their requests, and return the index of the selected one."""
    import pyarrow  # type: ignore[import-untyped]  # late: only this table needs it

    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    selection = st.dataframe(
        pyarrow.table(result_columns(rows, bodies)),
        hide_index=True,
        alt="The results with their requests",
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "line": number(width=60, format="localized"),
            "custom_id": text(pinned=True),
            "state": text(width=90),
            "request": text(width=180),
            "reply": text(width=260),
            "error": text(width=260),
            "cost": number(format="$%.6f", help="The list price of OpenAI, in dollars"),
        },
    )
    selected: Sequence[int] = selection["selection"]["rows"]
    return selected[0] if selected and selected[0] < len(rows) else None


def result_columns(
    rows: Sequence[ResultRow], bodies: Mapping[int, Mapping[str, Any]]
) -> dict[str, list[Any]]:
    """Return the columns that any of the rows has a value for."""
    columns: dict[str, list[Any]] = {
        "line": [row.number for row in rows],
        "custom_id": [_cell(row.custom_id) for row in rows],
        "state": [row.state.value for row in rows],
        "request": [_cell(input_text(bodies.get(row.number, {}))) for row in rows],
        # Those that are JSON objects are in columns of their own.
        "reply": [_cell(row.text) if row.parsed is None else "" for row in rows],
        **_json_columns(rows),
        "error": [_cell(": ".join(filter(None, (row.error_code, row.error_message)))) for row in rows],
        "input tokens": [row.usage.input_tokens if row.usage else None for row in rows],
        "output tokens": [row.usage.output_tokens if row.usage else None for row in rows],
        "cost": [None if row.cost is None else float(row.cost) for row in rows],
    }
    is_shown = {name: any(cell not in (None, "") for cell in cells) for name, cells in columns.items()}
    return {name: cells for name, cells in columns.items() if is_shown[name]}


def _json_columns(rows: Sequence[ResultRow]) -> dict[str, list[Any]]:
    replies = [row.parsed or {} for row in rows]
    names = list(dict.fromkeys(name for reply in replies for name in reply))[:_MAX_COLUMNS]
    columns = {}
    for name in names:
        column = f"reply.{name}" if name in _OWN_COLUMNS else name[:100]
        columns[column] = _same_type([reply.get(name) for reply in replies])
    return columns


def _same_type(values: list[Any]) -> list[Any]:
    """Return *values* as cells of one type, which a column must have."""
    types = {type(value) for value in values if value is not None}
    is_large = any(abs(value) >= _INTEGER_LIMIT for value in values if isinstance(value, int))
    if len(types) <= 1 and types <= {int, float, bool} and not is_large:
        return values
    return [None if value is None else _cell(value) for value in values]


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape_cell(text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…")
