"""Provoke failures, and see what retries make of them."""

import streamlit as st

from components.resilience.errors import errors_lab
from components.shell.page_header import page_header

page_header("resilience.py")
panels = {"Errors": errors_lab}
for tab, panel in zip(
    st.tabs(list(panels), on_change="rerun", key="resilience.lab"), panels.values(), strict=True
):
    if tab.open:
        with tab:
            panel()
