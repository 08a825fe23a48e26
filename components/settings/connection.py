"""The connection to the active server, and the attempt to connect to another one."""

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_seconds
from components.ui.markdown_escape import escape_markdown
from core.servers.profile_form import use_suggested_url


def connection_attempt() -> None:
    """Draw why the server of the last attempt is not active: it has not answered yet, or it has failed."""
    attempt = session.connection_attempt()
    if attempt is None:
        return
    if attempt.pending:
        _wait_for_attempt()
        return
    if attempt.error:
        prefix = f"Could not connect to `{attempt.profile.base_url}`."
        error_card(attempt.error, ":material/cloud_off:", prefix=prefix)
    st.caption(f"Requests are still sent to {escape_markdown(session.profile().name)}.")
    with st.container(horizontal=True):
        _suggestion_button(attempt)
        st.button(
            "Retry",
            icon=":material/refresh:",
            key="settings.attempt.retry",
            on_click=session.connect,
            args=(attempt.profile,),
        )
        st.button(
            "Use anyway",
            key="settings.attempt.use",
            on_click=session.activate_profile,
            args=(attempt.profile,),
            help="For a server without a list of models.",
        )


@st.fragment(run_every=0.5)
def _wait_for_attempt() -> None:
    """Poll until the server has answered, then rerun the page."""
    attempt = session.connection_attempt()
    if attempt is None or not attempt.pending:
        st.rerun()
    st.info(f"Connecting to `{attempt.profile.base_url}`…", icon=":material/hourglass_top:")


def _suggestion_button(connection: session.Connection) -> None:
    if url := connection.suggested_url:
        suggested = use_suggested_url(connection.profile, url)
        label = f"Use {escape_markdown(url)}"
        st.button(label, type="primary", on_click=session.connect, args=(suggested,))


def connection_status() -> None:
    """Draw whether the active server answers, why it does not, and the URL that would work."""
    connection = session.connection()
    name = escape_markdown(connection.profile.name)
    if connection.pending:
        st.info(f"Connecting to {name}…", icon=":material/hourglass_top:")
        return
    if connection.error:
        error_card(connection.error, ":material/cloud_off:")
    elif connection.note:
        st.warning(escape_markdown(connection.note), icon=":material/inventory_2:")
    else:
        count = len(connection.models)
        status = [f"Connected to {name}", f"{count:,} model{'' if count == 1 else 's'}"]
        if connection.latency is not None:
            status.append(format_seconds(connection.latency))
        st.success(" · ".join(status), icon=":material/cloud_done:")
    with st.container(horizontal=True):
        _suggestion_button(connection)
        st.button("Retry connection", icon=":material/refresh:", on_click=session.reset_connection)
