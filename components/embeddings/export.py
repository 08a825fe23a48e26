"""The panel that exports the embeddings as files."""

import re
from functools import partial

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.embeddings.export import ExportFormat, vectors_file
from core.embeddings.job import EmbeddingResult

# Title and media type.
_FORMATS: dict[ExportFormat, tuple[str, str]] = {
    "npy": ("NumPy", "application/octet-stream"),
    "csv": ("CSV", "text/csv"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}

_UNSAFE_IN_FILE_NAME = re.compile(r"[^\w.-]+")


def export_view(result: EmbeddingResult) -> None:
    """Draw the download buttons of each spec."""
    st.caption(
        "Vectors of length 1, in the order of the texts. In CSV files, texts that a spreadsheet would run "
        "as formulas are escaped."
    )
    for number, spec in enumerate(result.specs):
        vectors = result.vectors[spec]
        count, dimensions = vectors.shape
        st.markdown(f"**{escape_markdown(spec.label)}** · {count:,} x {dimensions:,}")
        with st.container(horizontal=True):
            for file_format, (title, media_type) in _FORMATS.items():
                st.download_button(
                    title,
                    # Called on a click: a large file takes seconds to write.
                    partial(vectors_file, result.inputs, vectors, file_format),
                    f"{_UNSAFE_IN_FILE_NAME.sub('-', spec.model)}-{dimensions}.{file_format}",
                    media_type,
                    icon=":material/download:",
                    key=f"embeddings.export.{number}.{file_format}",
                )
