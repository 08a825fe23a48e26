"""Embed texts, and see which are similar."""

import streamlit as st

from components.embeddings import analysis
from components.embeddings.comparison import dimensions_view, models_view
from components.embeddings.export import export_view
from components.embeddings.input_form import input_form
from components.embeddings.opened_run import open_run_in_url
from components.embeddings.run_status import run_status
from components.embeddings.session import embedding_session
from components.shell.page_header import page_header

page_header("embeddings.py")
open_run_in_url()
input_form()
run_status()

panels = {
    "Similarity": analysis.similarity_view,
    "Nearest neighbours": analysis.neighbours_view,
    "Query": analysis.query_view,
    "Map": analysis.map_view,
    "Duplicates and outliers": analysis.outliers_view,
    "Distribution": analysis.histogram_view,
    "Dimensions": dimensions_view,
    "Compare models": models_view,
    "Export": export_view,
}
result = embedding_session().result
if result and len(result.inputs) < 2:
    st.info("Add a second text to compare.")
elif result:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="embeddings.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(result)
