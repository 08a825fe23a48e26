"""The pages there are: one table for the menu, the cards on Home and the tests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.paths import ROOT


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A file of `pages/` and how it is offered. `teaches` are the SDK calls it shows."""

    file: str
    title: str
    icon: str
    section: str
    purpose: str
    sdk_calls: str = ""

    @property
    def path(self) -> Path:
        return ROOT / "pages" / self.file


PAGES = (
    PageEntry(
        "home.py",
        "Home",
        ":material/home:",
        "Playground",
        "See what the OpenAI Python SDK sends and gets back: the code, the JSON, every event.",
    ),
    PageEntry(
        "chat.py",
        "Chat",
        ":material/forum:",
        "Playground",
        "Talk to a model, and see what goes over the wire.",
        "chat.completions.create · stream · roles · usage",
    ),
    PageEntry(
        "tokens.py",
        "Tokens",
        ":material/data_array:",
        "Lab",
        "See a text as the tokens a model reads, and what they cost.",
        "tiktoken · responses.input_tokens.count",
    ),
    PageEntry(
        "embeddings.py",
        "Embeddings",
        ":material/scatter_plot:",
        "Lab",
        "Turn texts into vectors, and see which are alike.",
        "embeddings.create · dimensions",
    ),
    PageEntry(
        "vision.py",
        "Vision",
        ":material/visibility:",
        "Lab",
        "Show images to a model: what it sees of them, what that costs, and what it says.",
        "chat.completions.create · image_url · detail · image_tokens",
    ),
    PageEntry(
        "settings.py",
        "Settings",
        ":material/tune:",
        "Setup",
        "Choose the server that requests go to, and test what it can do.",
        "OpenAI(base_url, api_key) · models.list",
    ),
)


def streamlit_page(entry: PageEntry) -> StreamlitPage:
    """Build the page for `st.navigation`. The URL is the file's stem, the first page answers at the root."""
    return st.Page(
        entry.path, title=entry.title, icon=entry.icon, default=entry is PAGES[0], help=entry.purpose
    )


def menu() -> dict[str, list[StreamlitPage]]:
    """The menu: section title to its pages, in the order of the table."""
    menu: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        menu.setdefault(entry.section, []).append(streamlit_page(entry))
    return menu


def link(
    file: str, label: str, query: dict[str, str] | None = None, icon: str | None = None, wide: bool = False
) -> None:
    """Draw a link to another page."""
    width: Literal["stretch", "content"] = "stretch" if wide else "content"
    st.page_link(ROOT / "pages" / file, label=label, icon=icon, query_params=query, width=width)
