"""The rows that were extracted with a schema, across sessions: search, edit and download."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from components.extractor.cells import cell_editor, editable_table, marked_table
from components.extractor.repositories import extraction_repository
from components.extractor.session import extractor_session
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, metric_line, relative_time
from components.ui.inspector import run_inspector
from components.ui.markdown_escape import escape_markdown
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.extractor.results.accuracy import correct_fields, field_accuracy
from core.extractor.results.export import ExportFormat, rows_file
from core.extractor.results.repository import ExtractedRow, RowFilter
from core.json_schema.schema import SchemaDocument, parse_json

_SHOWN = 500  # the browser receives all of them; the search finds the others
_MAX_EXPORTED = 100_000  # a file is made in memory
_FORMATS: dict[ExportFormat, tuple[str, str]] = {
    "csv": ("CSV", "text/csv"),
    "json": ("JSON", "application/json"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}


@dataclass(slots=True)
class _Deletion:
    """The rows that were deleted last, which "Undo" saves again."""

    rows: Sequence[Mapping[str, Any]] = ()

    def delete(self, rows: Sequence[ExtractedRow]) -> None:
        self.rows = extraction_repository().delete([row.id for row in rows])

    def undo(self) -> None:
        extraction_repository().restore(self.rows)
        self.rows = ()


def saved_rows() -> None:
    """Draw the rows of earlier sessions, if there are any, once they are opened."""
    if extraction_repository().has_schemas():
        panel = st.expander(
            "Rows of this schema", icon=":material/table:", key="extractor.saved", on_change="rerun"
        )
        if panel.open:
            with panel:
                rows_panel()


def rows_panel() -> None:
    """Draw the rows of the present schema with their search, an editor and downloads."""
    document, repository = extractor_session().document, extraction_repository()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search the rows of this schema", key="extractor.rows.search", icon=":material/search:"
        )
        selected = RowFilter(search, _job_filter(document))
    _undo_deletion(document)
    editor = cell_editor()
    if editor.lost == 1:
        st.warning("An edit was not saved, because its row was deleted.", icon=":material/warning:")
    elif editor.lost:
        message = f"Edits of {editor.lost:,} rows were not saved, because the rows were deleted."
        st.warning(message, icon=":material/warning:")
    total = repository.count(document.digest, selected)
    # Rows that were deleted elsewhere stay in the editor, which reports that their edits are not saved.
    if not total and not editor.has_rows((document.digest, selected)):
        editor.close()
        empty = "No rows yet. Rows are saved by the content of the schema: an edited schema starts anew."
        st.caption("No row matches the search." if search else empty)
        return
    _rows_table(total, document, selected)
    if accuracies := field_accuracy(repository.compared(document.digest, selected)):
        st.markdown("**Correct values** of the rows with expected ones")
        metric_line({item.field: f"{item.correct} of {item.total}" for item in accuracies})
    _downloads(document, selected, list(document.schema.get("properties", {})))


def _rows_table(total: int, document: SchemaDocument, selected: RowFilter) -> None:
    """Draw the first of *total* rows, editable or with their marks."""
    rows = extraction_repository().rows(document.digest, selected, _SHOWN)
    more = f" The table shows the first {_SHOWN:,}." if total > _SHOWN else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{format_count(total, 'row')}.{more}")
        is_editing = st.toggle("Edit cells", key="extractor.rows.edit", persist_state="session")
    if is_editing:
        editable_table(rows, document, selected)
        st.caption(
            "Edits are validated and saved at once. For lists and objects, turn this off and select a row."
        )
    else:
        cell_editor().close()
        _table(rows, document)


def _job_filter(document: SchemaDocument) -> str:
    """Draw the choice of the job whose rows are shown, and return its id; empty for all rows."""
    sources = {source.job_id: source for source in extraction_repository().sources(document.digest)}
    if not sources:
        return ""
    now = datetime.now(UTC)
    job_id: str = st.selectbox(
        "Rows of",
        ["", *sources],
        format_func=lambda job_id: (
            f"{sources[job_id].title} · {relative_time(sources[job_id].created_at, now)}"
            if job_id in sources
            else "All extractions"
        ),
        key=f"extractor.rows.job.{document.digest[:8]}",
        width=260,
    )
    return job_id


def _table(rows: Sequence[ExtractedRow], document: SchemaDocument) -> None:
    """Draw the rows, and what can be done with the selected ones."""
    selected, names = marked_table(rows, document), document.schema.get("properties", {})
    incorrect = [
        name
        for row in rows
        for name, is_correct in correct_fields(row.value, row.expected or {}).items()
        # An invalid cell is red, and a field that the schema lacks has no cell.
        if name in names and not is_correct and not row.is_invalid(name)
    ]
    marks = [
        "Select a row to see its text and edit its values as JSON.",
        "Red cells do not match the schema." if any(row.problems for row in rows) else "",
        "Orange cells differ from the expected value." if incorrect else "",
    ]
    st.caption(" ".join(filter(None, marks)))
    if len(selected) == 1:
        _row_editor(selected[0], document)
    elif selected:
        _delete_button(selected)


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
        for name, is_correct in correct_fields(row.value, row.expected or {}).items():
            if not is_correct and row.expected:
                wanted = json.dumps(row.expected[name], ensure_ascii=False)
                st.markdown(f"- {escape_markdown(f'{name}: expected {wanted}')}")
        source = json.dumps(row.value, indent=2, ensure_ascii=False)
        edited = st.text_area("Value", source, key=f"extractor.code.row.{row.id}", height=260)
        with st.container(horizontal=True, gap="xsmall"):
            is_saved = st.button("Save value", icon=":material/save:", key=f"extractor.rows.save.{row.id}")
            _delete_button([row])
        if is_saved:
            try:
                extraction_repository().edit(row.id, parse_json(edited), document.schema)
            except PlaygroundError as error:
                error_card(explain(error))
                return
            st.rerun()


def _delete_button(rows: Sequence[ExtractedRow]) -> None:
    st.button(
        "Delete row" if len(rows) == 1 else f"Delete {len(rows):,} rows",
        icon=":material/delete:",
        type="tertiary",
        key="extractor.rows.delete",
        help="The requests stay in the history.",
        on_click=session.session_object(_Deletion).delete,
        args=(rows,),
    )


def _undo_deletion(document: SchemaDocument) -> None:
    deletion = session.session_object(_Deletion)
    if deletion.rows and deletion.rows[0]["digest"] == document.digest:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"Deleted {format_count(len(deletion.rows), 'row')}.", width="stretch")
            st.button("Undo", icon=":material/undo:", key="extractor.rows.undo", on_click=deletion.undo)


def _downloads(document: SchemaDocument, selected: RowFilter, names: Sequence[str]) -> None:
    def content(file_format: ExportFormat) -> bytes:
        rows = extraction_repository().rows(document.digest, selected, _MAX_EXPORTED)
        return rows_file(rows, names, file_format)

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
                on_click="ignore",
                key=f"extractor.rows.download.{file_format}",
            )
