"""Tables that can be taken along safely, and the vectors as files."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.embeddings.export import ExportFormat, table_csv, vectors_file
from core.embeddings.job import EmbeddingResult
from core.files.csv_injection import escape_cell

_FORMS: dict[ExportFormat, tuple[str, str]] = {
    "npy": ("NumPy", "application/octet-stream"),
    "csv": ("CSV", "text/csv"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}

_UNSAFE = re.compile(r"[^\w.-]+")


def downloadable_table(rows: Sequence[Mapping[str, Any]], name: str, alt: str) -> None:
    """Draw *rows* and offer them as CSV; the grid's own download gets texts that no spreadsheet runs, too."""
    guarded = [
        {key: escape_cell(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]
    numbers = {key for row in rows for key, value in row.items() if isinstance(value, float)}
    st.dataframe(
        guarded,
        hide_index=True,
        alt=alt,
        key=f"embeddings.table.{name}",
        column_config={key: st.column_config.NumberColumn(format="%.3f") for key in numbers},
    )
    st.download_button(
        "Download CSV",
        partial(table_csv, rows),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"embeddings.download.{name}",
    )


def export_view(found: EmbeddingResult) -> None:
    """Offer the vectors of each space in four forms, made when asked for."""
    st.caption(
        "Unit vectors, in the order of the texts. Texts in CSV files are kept from running as formulas."
    )
    for number, space in enumerate(found.specs):
        rows = found.vectors[space]
        st.markdown(f"**{escape_markdown(space.label)}** · {rows.shape[0]:,} x {rows.shape[1]:,}")
        with st.container(horizontal=True):
            for form, (title, kind) in _FORMS.items():
                st.download_button(
                    title,
                    partial(vectors_file, found.inputs, rows, form),
                    f"{_UNSAFE.sub('-', space.model)}-{rows.shape[1]}.{form}",
                    kind,
                    icon=":material/download:",
                    key=f"embeddings.export.{number}.{form}",
                )
