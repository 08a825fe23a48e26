"""What this is, and where to begin."""

import streamlit as st

from components.settings.servers import offer_local_servers
from components.shell import home
from components.shell.page_header import heading

heading("home.py", "OpenAI SDK Playground")
home.connection()
offer_local_servers()
st.header("Try it", anchor=False)
home.try_it()
st.header("What there is", anchor=False)
home.capabilities()
st.header("Which model?", anchor=False)
home.which_model()
