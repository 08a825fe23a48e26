"""The main script: page config, menu, sidebar, then the requested page."""

import streamlit as st

from components.runtime.startup import mark_page_rendered
from components.shell import favicon, navigation
from components.shell.sidebar import sidebar
from core.http.turns import page_runs
from core.paths import ROOT

st.set_page_config(page_title="OpenAI SDK Playground", layout="wide")
favicon.set_favicon()
page = st.navigation(navigation.menu())
st.html(ROOT / "components" / "style.css")
try:
    with page_runs.running():
        sidebar(navigation.entry_of(page))
        page.run()
finally:
    mark_page_rendered()
