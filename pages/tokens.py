"""Show a text as the tokens that a model reads, and what they cost."""

import streamlit as st

from components.shell.page_header import page_header
from components.tokens import input as token_input
from components.tokens.breakdown import breakdown_panel
from components.tokens.chunking import chunk_panel, truncate_panel
from components.tokens.code import code_panel
from components.tokens.costs import costs_panel
from components.tokens.statistics import statistics_panel
from components.tokenview import token_view

page_header("tokens.py")
token_session = token_input.input_form()
token_view(token_session, token_input.INPUT_LABELS[token_session.kind])

panels = {
    "Statistics": statistics_panel,
    "Breakdown": breakdown_panel,
    "Fit and cost": costs_panel,
    "Truncate": truncate_panel,
    "Chunk": chunk_panel,
    "Code": code_panel,
}
analysis = token_input.current_analysis(token_session)
if analysis:
    tabs = st.tabs(list(panels), on_change="rerun", key="tokens.panel")
    for tab, panel in zip(tabs, panels.values(), strict=True):
        # A closed tab is not computed: some panels take a second for a long text.
        if tab.open:
            with tab:
                panel(analysis)
