"""The form that declares a tool without code: as fields, or as a JSON Schema."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError

from components.session import repositories
from components.tools.session import tools_session
from components.ui.markdown_escape import escape_markdown
from core.json_values import parse_json
from core.tools.catalog import LIBRARY
from core.tools.declared_tool import ParameterField, ToolDeclaration, parameters_schema
from core.tools.definition import Schema

_KEY = "tools.declaration"
_TYPES = ["string", "number", "integer", "boolean", "array of strings"]
_EXAMPLE = [{"name": "order_id", "type": "string", "description": "Number of the order", "required": True}]


@st.dialog("Declare a tool", width="large", icon=":material/edit_note:")
def declaration_dialog(name: str | None) -> None:
    """Draw the form of a new tool, or of the declared tool *name*."""
    repository = repositories.tool_repository()
    saved = next((tool for tool in repository.list() if tool.name == name), None)
    st.caption("It has no code: you answer its calls, or a mock does.")
    new_name = st.text_input(
        "Name", saved.name if saved else "get_order_status", max_chars=64, disabled=saved is not None
    )
    description = st.text_input(
        "Description",
        saved.description if saved else "Get the status of an order.",
        max_chars=1_024,
        help="The model decides by it when to call the tool.",
    )
    schema = _schema_editor(saved.parameters) if saved else _parameters_form()
    with st.container(horizontal=True):
        if st.button("Save", type="primary", key=f"{_KEY}.save") and schema is not None:
            _save(new_name.strip(), description, schema)
        if saved and st.button("Delete", icon=":material/delete:", key=f"{_KEY}.delete"):
            repository.delete(saved.name)
            st.rerun()


def _parameters_form() -> Schema | None:
    """Draw the parameters as rows or as JSON Schema, and return the schema."""
    form = st.segmented_control(
        "Parameters as", ["Fields", "JSON Schema"], default="Fields", required=True, key=f"{_KEY}.form"
    )
    if form == "JSON Schema":
        return _schema_editor(parameters_schema(_fields(_EXAMPLE)))
    rows = st.data_editor(
        _EXAMPLE,
        num_rows="dynamic",
        hide_index=True,
        key=f"{_KEY}.rows",
        column_config={
            "type": st.column_config.SelectboxColumn(options=_TYPES, default="string", required=True),
            "required": st.column_config.CheckboxColumn(default=True),
        },
    )
    return parameters_schema(_fields(rows))


def _schema_editor(schema: Schema) -> Schema | None:
    """Draw the schema as text, and return it; None if it is not a JSON object."""
    text = st.text_area(
        "JSON Schema",
        json.dumps(schema, indent=2, ensure_ascii=False),
        height=260,
        max_chars=60_000,
        key=f"{_KEY}.schema",
    )
    try:
        parsed = parse_json(text)
    except ValueError as error:
        st.error(escape_markdown(f"This is not valid JSON: {error}"), icon=":material/block:")
        return None
    if not isinstance(parsed, dict):
        st.error("The schema must be a JSON object.", icon=":material/block:")
        return None
    return parsed


def _fields(rows: Sequence[Mapping[str, Any]]) -> list[ParameterField]:
    return [
        ParameterField(
            str(row.get("name") or ""),
            row.get("type") or "string",
            str(row.get("description") or ""),
            bool(row.get("required")),
        )
        for row in rows
    ]


def _save(name: str, description: str, schema: Schema) -> None:
    if any(entry.name == name for entry in LIBRARY) or name == "query_csv":
        st.error("A tool of the library has this name. Choose another one.", icon=":material/block:")
        return
    try:
        declaration = ToolDeclaration(name=name, description=description, parameters=schema)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        is_name = problem["loc"] == ("name",)
        text = "Use 1 to 64 letters, digits, - and _ as its name." if is_name else problem["msg"]
        st.error(escape_markdown(text), icon=":material/block:")
        return
    repositories.tool_repository().save(declaration)
    tools_session().newly_added.add(name)
    st.rerun()
