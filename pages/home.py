"""The connection, examples to try, the pages, and which model to choose."""

import streamlit as st

from components.settings.servers import offer_local_servers
from components.shell import home
from components.shell.page_header import page_title

page_title("home.py", "OpenAI SDK Playground")
home.connection_card()
offer_local_servers()
st.html("<h2>Try an example</h2>")
home.quick_start()
home.overview()
