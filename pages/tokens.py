"""See a text as the tokens a model reads, and what they cost."""

import streamlit as st

from components.shell.page_header import heading
from components.tokens import input as token_input
from components.tokens.breakdown import overhead_panel
from components.tokens.chunking import split_panel, trim_panel
from components.tokens.code import code_panel
from components.tokens.costs import costs_panel
from components.tokenview import token_view

heading("tokens.py")
sheet = token_input.source()
token_view(sheet, token_input.LABELS[sheet.kind])

panels = {
    "Statistics": token_input.statistics_panel,
    "Overhead": overhead_panel,
    "Fit and cost": costs_panel,
    "Trim": trim_panel,
    "Split": split_panel,
    "Code": code_panel,
}
found = token_input.reading(sheet)
if found:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="tokens.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(found)
