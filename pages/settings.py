"""Choose the server that requests go to."""

import streamlit as st

from components.session import session
from components.settings.capability_test import capability_test
from components.settings.sandbox import sandbox_panel
from components.settings.servers import choose_server, connect_form, connection_status, environment_warning
from components.shell.page_header import page_header

page_header("settings.py")
environment_warning()

servers, details = st.columns([2, 3], gap="large")
with servers:
    looked_at = choose_server()
with details:
    connect_form(looked_at)
    if looked_at.id == session.profile().id:
        connection_status()
    if looked_at.kind == "sandbox":
        st.header("How the sandbox behaves", anchor=False)
        sandbox_panel(looked_at)

st.header("What this server can do", anchor=False)
capability_test()
