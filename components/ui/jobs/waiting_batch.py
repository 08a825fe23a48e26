"""A batch whose results are to come back to a page."""

from collections.abc import Callable

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.paths import ROOT
from core.runner.work import WorkProgress


def waiting_batch(
    title: str, progress: WorkProgress, batch_id: str | None, key: str, discard: Callable[[], None]
) -> None:
    """Draw how many results have arrived, with buttons that open the batch with this ID and wait no longer.

    *key* begins the keys of the buttons.
    """
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        text = f"{title} · {progress.ended:,} of {progress.total:,} results"
        st.markdown(f"**Batch:** {escape_markdown(text)}", width="stretch")
        if batch_id and st.button("Open batch", icon=":material/stacks:", key=f"{key}.open"):
            st.switch_page(ROOT / "pages" / "batches.py", query_params={"batch": batch_id})
        st.button(
            "Discard",
            icon=":material/delete:",
            type="tertiary",
            key=f"{key}.discard",
            help="Results that arrive later are not used here. The batch itself stays.",
            on_click=discard,
        )
