"""The parameters of a request that another page has opened in Chat."""

import streamlit as st

from components.chat.parameter_codec import to_controls
from components.chat.parameters import apply_prompt, choose_api
from components.session.chat_handover import take_request
from components.ui.markdown_escape import escape_markdown


def apply_opened_request() -> None:
    """Set instructions, parameters and API as the request has them, and say what Chat cannot have."""
    start = take_request()
    if start is None:
        return
    values, unsupported = to_controls(start.params)
    apply_prompt(start.instructions, values)
    choose_api(start.api)
    if omitted := (*unsupported, *start.omitted):
        text = f"Not available in Chat, so left out: {escape_markdown(', '.join(omitted))}"
        st.toast(text, icon=":material/info:", duration="long")
