"""Turn texts into vectors, and see which are alike."""

import streamlit as st

from components.embeddings import analysis as views
from components.embeddings.comparison import dimensions_view, models_view
from components.embeddings.export import export_view
from components.embeddings.input_form import input_form
from components.embeddings.run_status import run_status
from components.embeddings.session import embedding_session
from components.shell.page_header import page_header

page_header("embeddings.py")
input_form()
run_status()

panels = {
    "Similarity": views.similarity_view,
    "Neighbours": views.neighbours_view,
    "Query": views.query_view,
    "Map": views.map_view,
    "Duplicates and outliers": views.outliers_view,
    "Spread": views.histogram_view,
    "Dimensions": dimensions_view,
    "Model against model": models_view,
    "Export": export_view,
}
found = embedding_session().result
if found and len(found.inputs) < 2:
    st.info("Give two texts or more to compare them.")
elif found:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="embeddings.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(found)
