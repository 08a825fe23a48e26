"""Why no experiment can be started."""

import streamlit as st

from components.session import session


def no_model_warning() -> None:
    """Say that there is no model, once it is known that there is none."""
    if not session.model() and not session.connection().pending:
        st.warning(
            "There is no model to ask. Check the connection in the sidebar, or switch the server.",
            icon=":material/block:",
        )
