"""See a text as the tokens a model reads, and what they cost."""

import streamlit as st

from components.shell.page_header import page_header
from components.tokens import input as token_input
from components.tokens.breakdown import breakdown_panel
from components.tokens.chunking import chunk_panel, truncate_panel
from components.tokens.code import code_panel
from components.tokens.costs import costs_panel
from components.tokenview import token_view

page_header("tokens.py")
sheet = token_input.input_form()
token_view(sheet, token_input.INPUT_LABELS[sheet.kind])

panels = {
    "Statistics": token_input.statistics_panel,
    "Overhead": breakdown_panel,
    "Fit and cost": costs_panel,
    "Trim": truncate_panel,
    "Split": chunk_panel,
    "Code": code_panel,
}
found = token_input.current_analysis(sheet)
if found:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="tokens.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(found)
