"""Provoke failures, and send many requests at once: what happens, and what it takes."""

import streamlit as st

from components.resilience import draft
from components.resilience.caching import caching_lab
from components.resilience.concurrency import async_lab
from components.resilience.cost import cost_lab
from components.resilience.errors import errors_lab
from components.resilience.no_model import no_model_warning
from components.resilience.opened_run import open_run_in_url
from components.resilience.session import LAB_KEY
from components.shell.page_header import page_header

page_header("resilience.py")
draft.restore_draft()
open_run_in_url()
no_model_warning()
panels = {"Errors": errors_lab, "Async": async_lab, "Caching": caching_lab, "Cost": cost_lab}
for tab, panel in zip(st.tabs(list(panels), on_change="rerun", key=LAB_KEY), panels.values(), strict=True):
    if tab.open:
        with tab:
            panel()
draft.save_draft()
