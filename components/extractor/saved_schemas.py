"""The schemas that are saved: to save the present one, and to open another."""

import streamlit as st

from components.extractor.repositories import extraction_repository
from components.extractor.session import ExtractorSession, extractor_session
from components.session import session
from components.ui.formatting import format_count
from core.extractor.schemas.presets import presets


def saved_schemas() -> None:
    """Draw that the present schema is not saved, and the choice of a saved one if there are any."""
    state = extractor_session()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not _is_saved(state):
            st.caption("Not saved: this schema is lost when the app ends.", width="stretch")
            st.button(
                "Save schema",
                icon=":material/save:",
                key="extractor.save_schema",
                on_click=state.save_schema,
            )
        if extraction_repository().has_schemas():
            # Another key closes it.
            menu = st.popover(
                "Saved schemas",
                icon=":material/history:",
                key=f"extractor.saved_schemas.{state.version}",
                on_change="rerun",
            )
            if menu.open:
                with menu:
                    _choice(state)


def _is_saved(state: ExtractorSession) -> bool:
    """Whether the schema is an example, or in the database."""
    digest = state.document.digest
    if digest == state.saved_digest:
        return True
    return state.cache.get_or_compute(
        "saved",
        state.document,
        None,
        lambda: (
            digest in {preset.document.digest for preset in presets().values()}
            or extraction_repository().schema(digest) is not None
        ),
    )


def _choice(state: ExtractorSession) -> None:
    """Draw the saved schemas, the newest first; choosing one opens it."""
    saved = extraction_repository().schemas()
    key = f"extractor.saved_schema.{state.version}"
    st.selectbox(
        "Open a saved schema",
        range(len(saved)),
        None,
        format_func=lambda number: (
            f"{saved[number].document.name} · version {saved[number].version}"
            f" · {format_count(saved[number].rows, 'row')}"
        ),
        key=key,
        placeholder="Choose a schema",
        width=320,
        on_change=lambda: state.replace(saved[session.widget_value(key)].document),
    )
