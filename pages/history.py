"""Search the requests of all pages, see what they used, and open them again."""

import streamlit as st

from components.history.dashboard import dashboard
from components.history.filters import history_filter
from components.history.repositories import index_new_runs
from components.history.run_list import run_list
from components.shell.page_header import page_header

page_header("history.py")
unindexed = index_new_runs()
chosen = history_filter()
runs_tab, dashboard_tab = st.tabs(["Runs", "Dashboard"], on_change="rerun", key="history.tab")
if dashboard_tab.open:
    with dashboard_tab:
        dashboard(chosen)
else:
    with runs_tab:
        run_list(chosen, unindexed)
