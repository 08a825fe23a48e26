"""The table of extracted rows: invalid cells are marked, and single values can be edited in their cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from components.extractor.repositories import extraction_repository
from components.session import session
from core.extractor.results.export import column_name, table_rows
from core.extractor.results.repository import ExtractedRow
from core.files.csv_injection import escape_cell
from core.json_schema.schema import SchemaDocument

_INVALID = "background-color: rgba(255, 75, 75, 0.25)"
# A column of a table has one type, which holds these values.
_TYPES: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "string": ("string", str),
    "integer": ("Int64", int),
    "number": ("Float64", (int, float)),
    "boolean": ("boolean", bool),
}
_MAX_INTEGER = 2**53


@dataclass(slots=True)
class _Edits:
    """How often cells were edited; part of the key of the editor, which then shows the saved values."""

    count: int = 0


def marked_table(rows: Sequence[ExtractedRow], document: SchemaDocument) -> int | None:
    """Draw the rows, with invalid values marked, and return the index of the selected one."""
    names = list(document.schema.get("properties", {}))
    selection = st.dataframe(
        _marked(_cells(rows, names), rows, names),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"extractor.rows.table.{document.digest[:8]}",
        column_config={"document": st.column_config.TextColumn(pinned=True)},
        alt="The extracted rows",
    )
    selected: Sequence[int] = selection["selection"]["rows"]
    return selected[0] if selected and selected[0] < len(rows) else None


def _cells(rows: Sequence[ExtractedRow], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the cells, escaped because the table itself can be downloaded as CSV."""
    return [
        {key: escape_cell(cell) if isinstance(cell, str) else cell for key, cell in cells.items()}
        for cells in table_rows(rows, names)
    ]


def _marked(cells: list[dict[str, Any]], rows: Sequence[ExtractedRow], names: Sequence[str]) -> Any:
    import pandas  # type: ignore[import-untyped]  # it has no types

    if not any(row.problems for row in rows):
        return cells
    frame = pandas.DataFrame(cells)
    invalid = [{column_name(name) for name in names if row.is_invalid(name)} for row in rows]
    marks = pandas.DataFrame(
        [[_INVALID if column in columns else "" for column in frame.columns] for columns in invalid],
        frame.index,
        frame.columns,
    )
    return frame.style.apply(lambda _frame: marks, axis=None).format(
        lambda cell: "" if pandas.isna(cell) else str(cell)
    )


def cell_editor(rows: Sequence[ExtractedRow], document: SchemaDocument) -> None:
    """Draw the rows with editable cells; an edit is validated and saved at once."""
    import pandas

    properties = document.schema.get("properties", {})
    columns = {column_name(name): flat_type(schema) for name, schema in properties.items()}
    frame = pandas.DataFrame(_cells(rows, list(properties)))
    config: dict[str, Any] = {"document": st.column_config.TextColumn(pinned=True)}
    for column, schema in zip(columns, properties.values(), strict=True):
        if json_type := columns[column]:
            dtype, python_type = _TYPES[json_type]
            # A value of another type is one of the problems, and its cell is empty.
            values = [cell if _has_type(cell, python_type) else None for cell in frame[column]]
            frame[column] = pandas.array(values, dtype=dtype)
            config[column] = _column_config(json_type, schema)
    edits = session.session_object(_Edits)
    key = f"extractor.cells.{document.digest[:8]}.{edits.count}"

    st.data_editor(
        frame,
        hide_index=True,
        disabled=["document", "outcome", "problems", *(name for name, kind in columns.items() if not kind)],
        column_config=config,
        key=key,
        alt="The extracted rows, editable",
    )
    changes: dict[int, dict[str, Any]] = (session.widget_value(key) or {}).get("edited_rows", {})
    for number, changed in changes.items():
        row = rows[int(number)]
        value = {**row.value} if isinstance(row.value, dict) else {}
        for name, (column, json_type) in zip(properties, columns.items(), strict=True):
            if column in changed:
                value[name] = edited_value(changed[column], json_type, value.get(name))
        extraction_repository().edit(row.id, value, document.schema)
    if changes:
        edits.count += 1
        st.rerun()


def _has_type(cell: Any, python_type: type | tuple[type, ...]) -> bool:
    if isinstance(cell, bool):
        return python_type is bool
    return isinstance(cell, python_type) and not (isinstance(cell, int) and abs(cell) > _MAX_INTEGER)


def _column_config(json_type: str, schema: Mapping[str, Any]) -> Any:
    values = schema.get("enum")
    if json_type == "string" and isinstance(values, list):
        return st.column_config.SelectboxColumn(options=[value for value in values if isinstance(value, str)])
    if json_type in ("integer", "number"):
        return st.column_config.NumberColumn(step=1 if json_type == "integer" else None)
    return st.column_config.CheckboxColumn() if json_type == "boolean" else st.column_config.TextColumn()


def flat_type(schema: Any) -> str:
    """Return the JSON type of a field with single values of one type, also if it may be null; else ""."""
    declared = schema.get("type") if isinstance(schema, dict) else None
    types = [name for name in (declared if isinstance(declared, list) else [declared]) if name != "null"]
    return types[0] if len(types) == 1 and types[0] in _TYPES else ""


def edited_value(cell: Any, json_type: str, before: Any) -> Any:
    """Return the value of an edited cell; an empty cell is null."""
    if json_type == "integer" and isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, str) and isinstance(before, str) and escape_cell(before) != before:
        return cell.removeprefix("'")  # which the table has put before the text
    return cell
