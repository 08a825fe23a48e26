"""The form that declares a tool without code: as fields, or as a JSON Schema."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st
from pydantic import ValidationError

from components.session import repositories, session
from components.tools.session import tools_session
from components.ui.markdown_escape import escape_markdown
from core.json_values import parse_json
from core.tools.definitions.declared_tool import ToolDeclaration
from core.tools.definitions.definition import Schema
from core.tools.definitions.parameter_fields import (
    PARAMETER_TYPES,
    ParameterField,
    parameter_fields,
    parameters_schema,
)
from core.tools.library.catalog import LIBRARY

_KEY = "tools.declaration"
_FIELDS, _SCHEMA = "Fields", "JSON Schema"
_EXAMPLE = ToolDeclaration(
    name="get_order_status",
    description="Get the status of an order.",
    parameters=parameters_schema([ParameterField("order_id", "string", "Number of the order")]),
)


@dataclass(slots=True, eq=False)
class DeclarationDraft:
    """The declaration in the form. *schema* is that of its fields or text when they were last created.

    The form stays open when the page is drawn again, as by each round of a loop that runs.
    """

    is_open: bool = False
    saved: ToolDeclaration | None = None
    schema: Schema = field(default_factory=dict)
    edited: Schema | None = None
    version: int = 0

    def open(self, name: str = "") -> None:
        """Open the form of the declared tool *name*, or of a new one with an example."""
        declared = {tool.name: tool for tool in repositories.tool_repository().list()}
        self.saved = declared.get(name)
        self.is_open, self.edited = True, (self.saved or _EXAMPLE).parameters
        self.change_form()

    def close(self) -> None:
        """Close the form."""
        self.is_open = False

    def change_form(self) -> None:
        """Show in the fields what was entered as text, and the reverse. What is not JSON is lost."""
        self.schema, self.version = self.edited or self.schema, self.version + 1


def declaration_draft() -> DeclarationDraft:
    """Return the draft of this session."""
    return session.session_object(DeclarationDraft)


def declaration_dialog() -> None:
    """Draw the form if it is open."""
    draft = declaration_draft()
    if draft.is_open:
        dialog = st.dialog(
            "Declare a tool", width="large", icon=":material/edit_note:", on_dismiss=draft.close
        )
        dialog(_form)(draft)


def _form(draft: DeclarationDraft) -> None:
    declaration = draft.saved or _EXAMPLE
    st.caption("It has no code: you answer its calls, or a mock does.")
    name = st.text_input("Name", declaration.name, max_chars=64, disabled=draft.saved is not None)
    description = st.text_input(
        "Description",
        declaration.description,
        max_chars=1_024,
        help="The model decides by it when to call the tool.",
    )
    fields = parameter_fields(draft.schema)
    form = st.segmented_control(
        "Parameters as",
        [_FIELDS, _SCHEMA],
        default=_SCHEMA if fields is None else _FIELDS,
        required=True,
        key=f"{_KEY}.form.{draft.saved and draft.saved.name}",
        on_change=draft.change_form,
    )
    if form == _SCHEMA:
        draft.edited = _schema_editor(draft)
    elif fields is None:
        st.info("Fields cannot show all of this schema. Edit it as JSON Schema.", icon=":material/info:")
        draft.edited = draft.schema
    else:
        draft.edited = _fields_editor(draft, fields)
    with st.container(horizontal=True):
        saved = st.button("Save", type="primary", key=f"{_KEY}.save")
        if draft.saved and st.button("Delete", icon=":material/delete:", key=f"{_KEY}.delete"):
            repositories.tool_repository().delete(draft.saved.name)
            draft.close()
            st.rerun()
    if saved and draft.edited is not None:
        _save(draft, name.strip(), description, draft.edited)


def _fields_editor(draft: DeclarationDraft, fields: Sequence[ParameterField]) -> Schema:
    """Draw the parameters as rows, and return their schema."""
    names = ("name", "type", "description", "required", "options")
    rows = st.data_editor(
        {name: [getattr(row, name) for row in fields] for name in names},
        num_rows="dynamic",
        hide_index=True,
        key=f"{_KEY}.rows.{draft.version}",
        column_config={
            "type": st.column_config.SelectboxColumn(
                options=PARAMETER_TYPES, default="string", required=True
            ),
            "required": st.column_config.CheckboxColumn(default=True),
            "options": st.column_config.ListColumn(help="The only values of a string, if there are any."),
        },
    )
    return parameters_schema(
        [
            ParameterField(
                str(name or ""),
                type_ or "string",
                str(description or ""),
                bool(required),
                tuple(map(str, options if options is not None else ())),
            )
            for name, type_, description, required, options in zip(
                *(rows[column] for column in names), strict=True
            )
        ]
    )


def _schema_editor(draft: DeclarationDraft) -> Schema | None:
    """Draw the schema as text, and return it; None if it is not a JSON object."""
    text = st.text_area(
        "JSON Schema",
        json.dumps(draft.schema, indent=2, ensure_ascii=False),
        height=260,
        max_chars=60_000,
        key=f"{_KEY}.schema.{draft.version}",
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


def _save(draft: DeclarationDraft, name: str, description: str, schema: Schema) -> None:
    if any(entry.name == name for entry in LIBRARY) or name == "query_csv":
        st.error("A tool of the library has this name. Choose another one.", icon=":material/block:")
        return
    if draft.saved is None and any(tool.name == name for tool in repositories.tool_repository().list()):
        st.error(
            "A declared tool has this name. Choose another one, or edit that tool.", icon=":material/block:"
        )
        return
    try:
        declaration = ToolDeclaration(name=name, description=description, parameters=schema)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        is_name = problem["loc"] == ("name",)
        text = (
            "Use 1 to 64 letters, digits, - and _ as its name."
            if is_name
            else problem["msg"].removeprefix("Value error, ")
        )
        st.error(escape_markdown(text), icon=":material/block:")
        return
    repositories.tool_repository().save(declaration)
    tools_session().newly_added.add(name)
    draft.close()
    st.rerun()
