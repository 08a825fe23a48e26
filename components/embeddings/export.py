"""Tables that can be taken along safely, and the vectors as files."""

import re
from functools import partial

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.embeddings.export import ExportFormat, vectors_file
from core.embeddings.job import EmbeddingResult

_FORMS: dict[ExportFormat, tuple[str, str]] = {
    "npy": ("NumPy", "application/octet-stream"),
    "csv": ("CSV", "text/csv"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}

_UNSAFE = re.compile(r"[^\w.-]+")


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
