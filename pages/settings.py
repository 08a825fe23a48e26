"""Choose the server that requests go to."""

import streamlit as st

from components import session
from components.capabilities import capability_test
from components.connections import choose_server, connect_form, connection_state, environment_problem
from components.page import heading
from components.sandbox_panel import sandbox_panel

heading("settings.py")
environment_problem()

servers, details = st.columns([2, 3], gap="large")
with servers:
    looked_at = choose_server()
with details:
    connect_form(looked_at)
    if looked_at.id == session.profile().id:
        connection_state()
    if looked_at.kind == "sandbox":
        st.header("How the sandbox behaves", anchor=False)
        sandbox_panel(looked_at)

st.header("What this server can do", anchor=False)
capability_test()
