"""Choose the server for requests, test its capabilities, and choose what is recorded."""

import streamlit as st

from components.session import session
from components.settings.capability_test import capability_test
from components.settings.connection import connection_attempt, connection_status
from components.settings.history import history_settings
from components.settings.sandbox import sandbox_panel
from components.settings.servers import choose_server, connect_form, environment_warning
from components.shell.page_header import page_header

page_header("settings.py")
environment_warning()

servers, details = st.columns([2, 3], gap="large")
with servers:
    selected = choose_server()
with details:
    connect_form(selected)
    connection_attempt()
    if selected.id == session.profile().id:
        connection_status()
    if selected.kind == "sandbox":
        st.header("Sandbox settings", anchor=False)
        sandbox_panel(selected)

capability_test()
history_settings()
