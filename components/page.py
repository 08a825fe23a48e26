"""What every page begins with."""

import streamlit as st

from components.navigation import PAGES


def heading(file: str) -> None:
    """Draw the title and the one-sentence purpose of the page in *file*."""
    entry = next(entry for entry in PAGES if entry.file == file)
    st.title(entry.title, anchor=False)
    st.caption(entry.purpose)
