"""The table of pages, used for the menu, the cards on Home and the tests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.paths import ROOT


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A file in `pages/` with its place in the menu. `sdk_calls` are separated by " · ".

    The scripts of the live component are preloaded with a page that has a *live_view*.
    """

    file: str
    title: str
    icon: str
    section: str
    purpose: str
    sdk_calls: str = ""
    live_view: bool = False

    @property
    def path(self) -> Path:
        return ROOT / "pages" / self.file

    @property
    def url_path(self) -> str:
        return f"/{self.path.stem}"


PAGES = (
    PageEntry(
        "home.py",
        "Home",
        ":material/home:",
        "Playground",
        "Inspect what the OpenAI Python SDK sends and receives: code, JSON and stream events.",
    ),
    PageEntry(
        "chat.py",
        "Chat",
        ":material/forum:",
        "Playground",
        "Chat with a model and inspect every request.",
        "chat.completions.create · stream · roles · usage",
        live_view=True,
    ),
    PageEntry(
        "tokens.py",
        "Tokens",
        ":material/data_array:",
        "Explore",
        "See how text is split into tokens and what they cost.",
        "tiktoken · responses.input_tokens.count",
    ),
    PageEntry(
        "embeddings.py",
        "Embeddings",
        ":material/scatter_plot:",
        "Explore",
        "Turn texts into vectors and compare their similarity.",
        "embeddings.create · dimensions",
    ),
    PageEntry(
        "vision.py",
        "Vision",
        ":material/visibility:",
        "Explore",
        "Send images to a model: how it processes them, their cost and its answers.",
        "chat.completions.create · image_url · detail · image_tokens",
        live_view=True,
    ),
    PageEntry(
        "settings.py",
        "Settings",
        ":material/tune:",
        "Setup",
        "Choose the server for requests and test its capabilities.",
        "OpenAI(base_url, api_key) · models.list",
    ),
)


def streamlit_page(entry: PageEntry) -> StreamlitPage:
    """Return the page for `st.navigation`. Its URL path is the file's stem; the first page is at the root."""
    return st.Page(
        entry.path, title=entry.title, icon=entry.icon, default=entry is PAGES[0], help=entry.purpose
    )


def menu() -> dict[str, list[StreamlitPage]]:
    """Return the pages by section title, in the order of the table."""
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        sections.setdefault(entry.section, []).append(streamlit_page(entry))
    return sections


def link(
    file: str, label: str, query: dict[str, str] | None = None, icon: str | None = None, wide: bool = False
) -> None:
    """Draw a link to the page in *file*."""
    width: Literal["stretch", "content"] = "stretch" if wide else "content"
    st.page_link(ROOT / "pages" / file, label=label, icon=icon, query_params=query, width=width)
