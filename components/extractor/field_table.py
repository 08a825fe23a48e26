"""The schema as an editable table with a row for each field."""

from collections.abc import Hashable, Iterable
from dataclasses import asdict
from typing import Any, cast, get_args

import streamlit as st

from components.extractor.session import ExtractorSession
from core.errors.types import PlaygroundError
from core.extractor.schemas.field_rows import FieldRow, from_rows, to_rows
from core.extractor.schemas.fields import FieldType, fields_of, schema_of
from core.json_schema.schema import SchemaDocument, is_same_schema

_ORDER = ("field", "type", "list", "required", "nullable", "values", "description", "constraints")


def field_table(state: ExtractorSession) -> None:
    """Draw the table, and apply its edits. Raises NotRepresentable."""
    import pandas  # type: ignore[import-untyped]  # it has no types

    tree = fields_of(state.document.schema)
    # Cells of a new row may be empty, which no other type of column can hold.
    cells = pandas.DataFrame(
        [{**asdict(row), "values": list(row.values)} for row in to_rows(tree)],
        columns=[*_ORDER, "hidden"],
        dtype=object,
    )
    edited = st.data_editor(
        cells,
        num_rows="dynamic",
        hide_index=True,
        column_order=_ORDER,
        column_config=_columns(),
        key=f"extractor.fields.{state.version}",
        alt="The fields of the schema",
    )
    try:
        schema = schema_of(
            from_rows([_from_cells(row) for row in edited.to_dict("records") if row.get("field")], tree)
        )
    except PlaygroundError as error:
        state.reject("Fields", error)
        return
    if not is_same_schema(schema, state.document.schema):
        state.replace(SchemaDocument(state.document.name, schema))
        st.rerun()


def _columns() -> dict[str, Any]:
    return {
        "field": st.column_config.TextColumn(
            "Field", required=True, pinned=True, width=120, help="Nested: items[].price"
        ),
        "type": st.column_config.SelectboxColumn(
            "Type", options=get_args(FieldType), default="string", required=True, width=85
        ),
        "list": st.column_config.CheckboxColumn("List", default=False, width=60),
        "required": st.column_config.CheckboxColumn("Required", default=True, width=90),
        "nullable": st.column_config.CheckboxColumn(
            "Null", default=False, help="The value may be null.", width=65
        ),
        "values": st.column_config.ListColumn("Enum", help="The allowed values; empty for any.", width=120),
        "description": st.column_config.TextColumn("Description", width=160),
        "constraints": st.column_config.TextColumn(
            "Constraints", help='JSON, such as {"minimum": 0}', width=120
        ),
    }


def _from_cells(cells: dict[Hashable, Any]) -> FieldRow:
    """Read an edited row, whose cells may be empty: None, or a number that is none."""

    def text(name: str) -> str:
        value = cells.get(name)
        return value if isinstance(value, str) else ""

    values = cells.get("values")
    return FieldRow(
        text("field").strip(),
        cast(FieldType, text("type") or "string"),
        cells.get("list") in (True,),
        cells.get("required") not in (False,),
        cells.get("nullable") in (True,),
        tuple(map(str, values)) if isinstance(values, Iterable) and not isinstance(values, str) else (),
        text("description"),
        text("constraints"),
        text("hidden"),
    )
