"""What the History records and for how long, and the size of the database."""

from datetime import timedelta

import streamlit as st

from components.runtime import resources
from components.session import session
from components.ui.formatting import format_bytes
from components.ui.markdown_escape import escape_markdown
from core.errors.types import PlaygroundError
from core.history.maintenance import purge
from core.history.settings import HistorySettings
from core.storage.engine import database_size

_RECORD_KEY = "settings.history.record"
_RETENTION_KEY = "settings.history.retention"
_RETENTIONS = {
    "Forever": None,
    "1 year": timedelta(days=365),
    "90 days": timedelta(days=90),
    "30 days": timedelta(days=30),
    "7 days": timedelta(days=7),
}


def history_settings() -> None:
    """Draw the switch, the retention time, and the size of the database with a button to reduce it."""
    settings = HistorySettings(resources.store(), session.OWNER)
    st.header("History", anchor=False)
    session.with_default(_RECORD_KEY, settings.is_recording)
    st.toggle(
        "Record requests and responses",
        key=_RECORD_KEY,
        on_change=lambda: settings.set_recording(session.widget_value(_RECORD_KEY)),
        help="If off, only model, tokens, cost and duration of new requests are saved. What pages save "
        "themselves, such as the messages of conversations and extracted rows, is saved all the same.",
    )
    by_time = {retention: label for label, retention in _RETENTIONS.items()}
    session.with_default(_RETENTION_KEY, by_time.get(settings.retention, "Forever"))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            "Keep runs for",
            list(_RETENTIONS),
            key=_RETENTION_KEY,
            on_change=lambda: settings.set_retention(_RETENTIONS[session.widget_value(_RETENTION_KEY)]),
            help="Older runs are deleted within an hour. Conversations keep their messages.",
            width=180,
        )
        st.button(
            "Free disk space",
            icon=":material/compress:",
            key="settings.history.compact",
            on_click=_free_space,
            help="Deletes old and deleted runs permanently, and compacts the database. Nothing can be saved "
            "meanwhile, which takes seconds for a large database.",
        )
    st.caption(f"The database takes {format_bytes(resources.store().read(database_size))}.")


def _free_space() -> None:
    store = resources.store()
    before = store.read(database_size)
    try:
        purge(store, session.OWNER, undo_time=timedelta(0))
        store.compact()
    except PlaygroundError as error:
        st.toast(escape_markdown(f"{error}. {error.hint}"), icon=":material/error:")
        return
    freed = before - store.read(database_size)
    st.toast(f"{format_bytes(max(0, freed))} freed.", icon=":material/check:")
