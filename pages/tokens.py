"""See a text as the tokens a model reads, and what they cost."""

import streamlit as st

from components import tokens
from components.page import heading
from components.tokens_code import code_panel
from components.tokens_costs import costs_panel
from components.tokens_cutting import split_panel, trim_panel
from components.tokens_overhead import overhead_panel
from components.tokenview import token_view

heading("tokens.py")
sheet = tokens.source()
token_view(sheet, tokens.LABELS[sheet.kind])

panels = {
    "Statistics": tokens.statistics_panel,
    "Overhead": overhead_panel,
    "Fit and cost": costs_panel,
    "Trim": trim_panel,
    "Split": split_panel,
    "Code": code_panel,
}
found = tokens.reading(sheet)
if found:
    for tab, panel in zip(
        st.tabs(list(panels), on_change="rerun", key="tokens.panel"), panels.values(), strict=True
    ):
        if tab.open:
            with tab:
                panel(found)
