"""The header of a page: title, purpose and toolbar."""

from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from components.shell.navigation import PAGES


def page_header(file: str, title: str = "") -> AbstractContextManager[Any]:
    """Draw the title and the purpose of the page in *file*, and return the toolbar beside them.

    The title is the page's name in the menu unless *title* is set.
    """
    entry = next(entry for entry in PAGES if entry.file == file)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="heading"):
        with st.container(gap=None, width="content"):
            st.title(title or entry.title, anchor=False)
            st.caption(entry.purpose)
        return st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="toolbar"
        )
