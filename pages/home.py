"""The connection, examples to try, the pages, and which model to choose."""

import streamlit as st

from components.settings.servers import offer_local_servers
from components.shell import home
from components.shell.page_header import page_header

page_header("home.py", "OpenAI SDK Playground")
home.connection_card()
offer_local_servers()
st.header("Try an example", anchor=False)
home.quick_start()
st.header("Explore", anchor=False)
home.page_cards()
st.header("Choose a model", anchor=False)
home.model_guide()
