"""The table of extracted rows: invalid and incorrect cells are marked, and cells can be edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import streamlit as st

from components.extractor.repositories import extraction_repository
from components.session import session
from core.extractor.results.accuracy import correct_fields
from core.extractor.results.export import column_name, exceeds_64_bits, table_rows
from core.extractor.results.repository import ExtractedRow, RowFilter
from core.files.csv_injection import escape_cell
from core.json_schema.schema import SchemaDocument

_INVALID = "background-color: rgba(255, 75, 75, 0.25)"
_INCORRECT = "background-color: rgba(255, 164, 33, 0.25)"
_INVALID_FIELDS = "invalid fields"
# A column of a table has one type, which holds these values.
_TYPES: dict[str, tuple[str, type | tuple[type, ...]]] = {
    "string": ("string", str),
    "integer": ("Int64", int),
    "number": ("Float64", (int, float)),
    "boolean": ("boolean", bool),
}
_MAX_INTEGER = 2**53


@dataclass(slots=True)
class CellEditor:
    """The rows in the editor. They stay as they were drawn until an edit is saved, because it names an index.

    *version* changes with the rows and is part of the key of the editor. *lost* counts the rows of the last
    edit that had been deleted.
    """

    scope: tuple[str, RowFilter] | None = None
    rows: Sequence[ExtractedRow] = ()
    version: int = 0
    lost: int = 0

    def has_rows(self, scope: tuple[str, RowFilter]) -> bool:
        return bool(self.rows) and self.scope == scope

    def open(self, rows: Sequence[ExtractedRow], scope: tuple[str, RowFilter]) -> None:
        self.rows, self.scope = rows, scope
        self.version += 1

    def refresh(self) -> None:
        """Draw the rows as they are by the next run."""
        self.rows, self.scope = (), None

    def close(self) -> None:
        self.refresh()
        self.lost = 0


def cell_editor() -> CellEditor:
    """Return the editor of this browser session."""
    return session.session_object(CellEditor)


def marked_table(rows: Sequence[ExtractedRow], document: SchemaDocument) -> list[ExtractedRow]:
    """Draw the rows, with marks on invalid and incorrect values, and return the selected ones."""
    names = list(document.schema.get("properties", {}))
    # A selection is of indexes: in a table of other rows it must not select what has moved there.
    row_ids = sha256(" ".join(row.id for row in rows).encode()).hexdigest()
    selection = st.dataframe(
        _marked(_large_integers_as_text(_cells(rows, names)), rows, names),
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=f"extractor.rows.table.{document.digest[:8]}.{row_ids[:8]}",
        column_config=_own_columns(),
        alt="The extracted rows",
    )
    selected: Sequence[int] = selection["selection"]["rows"]
    return [rows[index] for index in selected if index < len(rows)]


def _own_columns() -> dict[str, Any]:
    """Return the configuration of the columns that every schema has."""
    return {
        "document": st.column_config.TextColumn(pinned=True),
        "outcome": st.column_config.TextColumn(width=125),
    }


def _cells(rows: Sequence[ExtractedRow], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the cells, escaped because the table itself can be downloaded as CSV."""
    return [
        {key: escape_cell(cell) if isinstance(cell, str) else cell for key, cell in cells.items()}
        for cells in table_rows(rows, names)
    ]


def _large_integers_as_text(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return *cells* with each column as texts that has an integer above 64 bits, which Arrow rejects."""
    large = {column for row in cells for column, cell in row.items() if exceeds_64_bits(cell)}
    return [
        {column: str(cell) if column in large and cell is not None else cell for column, cell in row.items()}
        for row in cells
    ]


def _marked(cells: list[dict[str, Any]], rows: Sequence[ExtractedRow], names: Sequence[str]) -> Any:
    import pandas  # type: ignore[import-untyped]  # it has no types

    if not any(row.problems or row.expected for row in rows):
        return cells
    frame = pandas.DataFrame(cells)
    marks = pandas.DataFrame("", frame.index, frame.columns)
    for index, row in enumerate(rows):
        correct = correct_fields(row.value, row.expected or {})
        for name in names:
            if row.is_invalid(name):
                marks.loc[index, column_name(name)] = _INVALID
            elif not correct.get(name, True):
                marks.loc[index, column_name(name)] = _INCORRECT
    return frame.style.apply(lambda _frame: marks, axis=None).format(
        lambda cell: "" if pandas.isna(cell) else str(cell)
    )


def editable_table(rows: Sequence[ExtractedRow], document: SchemaDocument, selected: RowFilter) -> None:
    """Draw the rows with editable cells; an edit is validated and saved at once."""
    editor, scope = cell_editor(), (document.digest, selected)
    if not editor.has_rows(scope):
        editor.open(rows, scope)
    elif rows != editor.rows:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("Rows were added, changed or deleted since.")
            st.button(
                "Refresh", icon=":material/refresh:", key="extractor.cells.refresh", on_click=editor.refresh
            )
    properties = document.schema.get("properties", {})
    columns = {column_name(name): flat_type(schema) for name, schema in properties.items()}
    frame, config = _editable_cells(editor.rows, properties, columns)
    key = f"extractor.cells.{document.digest[:8]}.{editor.version}"
    st.data_editor(
        frame,
        hide_index=True,
        disabled=[name for name in frame.columns if not columns.get(name)],
        column_config=config,
        key=key,
        alt="The extracted rows, editable",
    )
    if changes := (session.widget_value(key) or {}).get("edited_rows"):
        editor.lost = _save_changes(editor.rows, document, changes)
        editor.refresh()
        st.rerun()


def _editable_cells(
    rows: Sequence[ExtractedRow], properties: Mapping[str, Any], columns: Mapping[str, str]
) -> tuple[Any, dict[str, Any]]:
    """Return the data frame and the configuration of its columns; *columns* are their JSON types.

    An editable cell cannot be marked, so the invalid fields of a row are listed beside its document.
    """
    import pandas

    cells = _cells(rows, list(properties))
    frame = pandas.DataFrame(_large_integers_as_text(cells))
    config = _own_columns()
    for column, schema in zip(columns, properties.values(), strict=True):
        if json_type := columns[column]:
            dtype, python_type = _TYPES[json_type]
            # A value of another type is one of the problems, and its cell is empty.
            values = [row[column] if _has_type(row[column], python_type) else None for row in cells]
            frame[column] = pandas.array(values, dtype=dtype)
            config[column] = _column_config(json_type, schema)
    invalid = [[column_name(name) for name in properties if row.is_invalid(name)] for row in rows]
    if any(invalid):
        frame.insert(1, _INVALID_FIELDS, invalid)
        config[_INVALID_FIELDS] = st.column_config.MultiselectColumn(
            options=list(columns), color="red", pinned=True, width=150
        )
    return frame, config


def _save_changes(
    rows: Sequence[ExtractedRow], document: SchemaDocument, changes: Mapping[int, Mapping[str, Any]]
) -> int:
    """Save the changed cells, by the index of their row and by column; return how many rows are gone."""
    repository, lost = extraction_repository(), 0
    for index, changed in changes.items():
        drawn = rows[int(index)]
        # Its other cells may have been edited elsewhere since it was drawn.
        if (present := repository.row(drawn.id)) is None:
            lost += 1
            continue
        value = {**present.value} if isinstance(present.value, dict) else {}
        before = drawn.value if isinstance(drawn.value, dict) else {}
        for name, schema in document.schema.get("properties", {}).items():
            if column_name(name) in changed:
                cell = changed[column_name(name)]
                value[name] = edited_value(cell, flat_type(schema), before.get(name))
        repository.edit(drawn.id, value, document.schema)
    return lost


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
