"""The rows that were extracted with a schema, across sessions: search, edit and download."""

import json
import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from components.extractor.cells import cell_editor, marked_table
from components.extractor.repositories import extraction_repository
from components.extractor.session import extractor_session
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.formatting import metric_line
from components.ui.markdown_escape import escape_markdown
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.extractor.results.accuracy import field_accuracy
from core.extractor.results.export import ExportFormat, rows_file
from core.extractor.results.repository import ExtractedRow
from core.json_schema.schema import SchemaDocument, parse_json

_SHOWN = 500
_MAX_EXPORTED = 100_000
_FORMATS: dict[ExportFormat, tuple[str, str]] = {
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}


def rows_panel() -> None:
    """Draw the rows of the present schema with their search, an editor and downloads."""
    document, repository = extractor_session().document, extraction_repository()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search the rows of this schema", key="extractor.rows.search", icon=":material/search:"
        )
        _saved_schemas()
    total = repository.count(document.digest, search)
    if not total:
        st.caption("No rows yet. Rows are saved by the content of the schema: an edited schema starts anew.")
        return
    rows = repository.rows(document.digest, search, _SHOWN)
    more = f" The table shows the newest {_SHOWN:,}." if total > _SHOWN else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{total:,} row{'s' if total != 1 else ''}.{more}")
        is_editing = st.toggle("Edit cells", key="extractor.rows.edit", persist_state="session")
    if is_editing:
        cell_editor(rows, document)
        st.caption("Edits are validated and saved at once. To edit lists and objects, select a row instead.")
    else:
        selected = marked_table(rows, document)
        marks = " Red cells do not match the schema." if any(row.problems for row in rows) else ""
        st.caption(f"Select a row to see its text and edit its values as JSON.{marks}")
        if selected is not None:
            _row_editor(rows[selected], document)
    _accuracy(rows)
    _downloads(document, search, list(document.schema.get("properties", {})))


def _accuracy(rows: Sequence[ExtractedRow]) -> None:
    """Draw how many values of each field are as expected, for documents whose file says what is expected."""
    accuracies = field_accuracy((row.value, row.expected) for row in rows)
    if accuracies:
        st.markdown("**Correct values** of the rows with expected ones")
        metric_line({item.field: f"{item.correct} of {item.total}" for item in accuracies})


def _saved_schemas() -> None:
    """Draw the saved schemas, with their versions and numbers of rows; choosing one opens it."""
    saved = extraction_repository().schemas()
    with st.popover("Saved schemas", icon=":material/history:", disabled=not saved):
        for number, schema in enumerate(saved[:50]):
            label = f"{schema.document.name} · version {schema.version} · {schema.rows:,} rows"
            st.button(
                escape_markdown(label),
                key=f"extractor.saved.{number}",
                type="tertiary",
                on_click=extractor_session().replace,
                args=(schema.document,),
            )
    if st.button("Save schema", icon=":material/save:", key="extractor.save_schema"):
        extractor_session().save_schema()
        st.toast("Schema saved")


def _row_editor(row: ExtractedRow, document: SchemaDocument) -> None:
    text, value = st.columns(2)
    with text:
        st.markdown(f"**{escape_markdown(row.document)}**")
        st.text(row.text[:20_000])
        if st.button(
            "Request details", icon=":material/code:", type="tertiary", key=f"extractor.rows.inspect.{row.id}"
        ):
            run_inspector.show(row.run_id)
    with value:
        for problem in row.problems:
            st.markdown(f"- {escape_markdown(problem)}")
        source = json.dumps(row.value, indent=2, ensure_ascii=False)
        edited = st.text_area("Value", source, key=f"extractor.code.row.{row.id}", height=260)
        with st.container(horizontal=True, gap="xsmall"):
            is_saved = st.button("Save value", icon=":material/save:", key=f"extractor.rows.save.{row.id}")
            st.button(
                "Delete row",
                icon=":material/delete:",
                type="tertiary",
                key=f"extractor.rows.delete.{row.id}",
                help="The run stays in the history.",
                on_click=extraction_repository().delete,
                args=([row.id],),
            )
        if is_saved:
            try:
                extraction_repository().edit(row.id, parse_json(edited), document.schema)
            except PlaygroundError as error:
                error_card(explain(error))
                return
            st.rerun()


def _downloads(document: SchemaDocument, search: str, names: Sequence[str]) -> None:
    def content(file_format: ExportFormat) -> bytes:
        rows = extraction_repository().rows(document.digest, search, _MAX_EXPORTED)
        return rows_file(rows[::-1], names, file_format)

    file_name = re.sub(r"[^\w-]+", "-", document.name)
    with st.container(horizontal=True, gap="xsmall"):
        for file_format, (title, media_type) in _FORMATS.items():
            st.download_button(
                title,
                # Called on a click.
                partial(content, file_format),
                f"{file_name}.{file_format}",
                media_type,
                icon=":material/download:",
                key=f"extractor.rows.download.{file_format}",
            )
