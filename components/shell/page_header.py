"""The header of a page: title, purpose and toolbar."""

from contextlib import AbstractContextManager
from html import escape
from typing import Any

import streamlit as st

from components.shell.navigation import PAGES


def page_header(file: str, title: str = "") -> AbstractContextManager[Any]:
    """Draw the title and the purpose of the page in *file*, and return the toolbar beside them.

    The title is the page's name in the menu unless *title* is set.
    """
    with page_title(file, title):
        return st.container(
            horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="toolbar"
        )


def page_title(file: str, title: str = "") -> AbstractContextManager[Any]:
    """Draw the title and the purpose of the page in *file*, and return the row that they are in."""
    entry = next(entry for entry in PAGES if entry.file == file)
    row = st.container(horizontal=True, vertical_alignment="center", gap="medium", key="heading")
    row.html(f"<h1>{escape(title or entry.title)}</h1><p>{escape(entry.purpose)}</p>")
    return row
