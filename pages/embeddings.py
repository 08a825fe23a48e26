"""Turn texts into vectors, and see which are alike."""

import streamlit as st

from components.embeddings import analysis as views
from components.embeddings.comparison import dimensions_view, models_view
from components.embeddings.export import export_view
from components.embeddings.input_form import sources
from components.embeddings.run_status import progress
from components.embeddings.session import desk
from components.shell.page_header import heading

heading("embeddings.py")
sources()
progress()

panels = {
    "Similarity": views.similarity_view,
    "Neighbours": views.neighbours_view,
    "Query": views.query_view,
    "Map": views.map_view,
    "Duplicates and outliers": views.oddities_view,
    "Spread": views.spread_view,
    "Dimensions": dimensions_view,
    "Model against model": models_view,
    "Export": export_view,
}
found = desk().result
if found and len(found.items) < 2:
    st.info("Give two texts or more to compare them.")
elif found:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="embeddings.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(found)
