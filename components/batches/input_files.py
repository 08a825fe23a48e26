"""The uploaded files of a draft, which are copied to its folder so that they are not in memory."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from components.session import session
from components.ui.formatting import format_bytes
from components.ui.markdown_escape import escape_markdown
from components.ui.uploads import MAX_UPLOAD_MB
from core.batches.draft import BatchDraft

ROW_TYPES = ("csv", "tsv", "jsonl", "ndjson", "txt")
REQUEST_TYPES = ("jsonl", "ndjson", "json", "txt", "csv")
# The 200 MB of the API are 210 MB for the browser, to which a megabyte is a million bytes.
MAX_REQUESTS_MB = 210


@dataclass(slots=True, eq=False)
class _Uploads:
    """The number of uploads so far: an uploader with a new key is empty."""

    count: int = 0


def file_input(draft: BatchDraft, name: Literal["upload", "rows"], label: str) -> None:
    """Draw the file of *draft* called *name*, or what uploads it."""
    file, uploads = getattr(draft, name), session.session_object(_Uploads)
    if file:
        with st.container(
            horizontal=True, vertical_alignment="center", border=True, key=f"batches-file-{name}"
        ):
            size = format_bytes(file.path.stat().st_size)
            st.markdown(f":material/description: {escape_markdown(file.name)} · {size}", width="stretch")
            st.button(
                "Remove",
                icon=":material/close:",
                type="tertiary",
                key=f"batches.file.remove.{name}",
                on_click=setattr,
                args=(draft, name, None),
            )
        return
    is_rows = name == "rows"
    uploaded = st.file_uploader(
        label,
        ROW_TYPES if is_rows else REQUEST_TYPES,
        max_upload_size=MAX_UPLOAD_MB if is_rows else MAX_REQUESTS_MB,
        key=f"batches.file.{name}.{uploads.count}",
    )
    if uploaded is None:
        return
    with st.spinner("Saving the file"):
        setattr(draft, name, draft.save(uploaded.name, uploaded))
    uploads.count += 1
    st.rerun()
