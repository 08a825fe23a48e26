"""The table of pages, used for the menu, the cards on Home and the tests."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from core.paths import ROOT


@dataclass(frozen=True, slots=True)
class PageView:
    """What a page shows, without its script, if its address has the query *parameter*.

    *widgets* are as those of a page. *modules* are Python's: they are imported while the browser loads the
    front end.
    """

    parameter: str
    widgets: tuple[str, ...]
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A file in `pages/` with its place in the menu. `sdk_calls` are separated by " · ".

    The sidebar shows the chat model, and except on Home its price, unless the page *uses_chat_model* for
    nothing.
    With the page the browser loads the *script* of its component, and the modules of Streamlit's front end
    for the *widgets* that it shows first, named as in `streamlit/static/static/js`.
    """

    file: str
    title: str
    icon: str
    section: str
    purpose: str
    sdk_calls: str = ""
    uses_chat_model: bool = True
    script: str = ""
    widgets: tuple[str, ...] = ()
    view: PageView | None = None

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
        widgets=("TextInput", "Button"),
    ),
    PageEntry(
        "chat.py",
        "Chat",
        ":material/forum:",
        "Playground",
        "Chat with a model and inspect every request.",
        "chat.completions.create · responses.create · stream",
        script="live/assets/live.js",
        widgets=("Button", "Checkbox", "MenuButton"),
    ),
    PageEntry(
        "compare.py",
        "Compare",
        ":material/compare:",
        "Playground",
        "Send one prompt to several models or prompts at once, and compare their replies side by side.",
        "chat.completions.create · responses.create · AsyncOpenAI",
        uses_chat_model=False,
        script="compare/assets/compare.js",
        widgets=("Button",),
        view=PageView(
            "board",
            ("Button", "ButtonGroup", "DataFrame", "MenuButton", "Pagination"),
            (
                "core.compare.boards.results",
                "core.compare.running.runs",
                "core.history.maintenance",
                "components.compare.board.board_view",
                "pyarrow",
            ),
        ),
    ),
    PageEntry(
        "tokens.py",
        "Tokens",
        ":material/data_array:",
        "Explore",
        "See how text is split into tokens and what they cost.",
        "tiktoken · responses.input_tokens.count",
        script="tokenview/assets/tokenview.js",
        widgets=("ButtonGroup", "Checkbox"),
    ),
    PageEntry(
        "embeddings.py",
        "Embeddings",
        ":material/scatter_plot:",
        "Explore",
        "Turn texts into vectors and compare their similarity.",
        "embeddings.create · dimensions",
        uses_chat_model=False,
        widgets=("ButtonGroup", "TextArea", "Multiselect", "Button"),
    ),
    PageEntry(
        "vision.py",
        "Vision",
        ":material/visibility:",
        "Explore",
        "Send images to a model: how it processes them, their cost and its answers.",
        "chat.completions.create · responses.create · image_url · detail",
        script="live/assets/live.js",
        widgets=("ButtonGroup", "FileUploader"),
    ),
    PageEntry(
        "tools.py",
        "Tools",
        ":material/build:",
        "Explore",
        "Let a model call functions, and follow the loop of calls and results.",
        "chat.completions.create · responses.create · tools · tool_choice",
        script="live/assets/live.js",
        widgets=("TextArea", "Button"),
    ),
    PageEntry(
        "extractor.py",
        "Extractor",
        ":material/data_object:",
        "Explore",
        "Extract objects from text with a schema that the reply must match.",
        "chat.completions.parse · responses.parse",
        widgets=("ButtonGroup", "TextArea", "Button"),
    ),
    PageEntry(
        "batches.py",
        "Batches",
        ":material/stacks:",
        "Explore",
        "Send many requests at half the price, and see how each of them ended.",
        "files.create · batches.create",
        widgets=("Button",),
    ),
    PageEntry(
        "resilience.py",
        "Resilience",
        ":material/health_and_safety:",
        "Explore",
        "Provoke failures, send many requests at once, and measure what helps.",
        "max_retries · timeout · AsyncOpenAI",
        widgets=("ButtonGroup", "Button"),
    ),
    PageEntry(
        "history.py",
        "History",
        ":material/history:",
        "Setup",
        "Search the requests of all pages, see what they cost, and open them again.",
        uses_chat_model=False,
        widgets=("TextInput", "Button"),
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
    return st.Page(entry.path, title=entry.title, icon=entry.icon, default=entry is PAGES[0])


def entry_of(page: StreamlitPage) -> PageEntry:
    """Return the entry of the page that is open."""
    return next(entry for entry in PAGES if entry.title == page.title)


def menu() -> dict[str, list[StreamlitPage]]:
    """Return the pages by section title, in the order of the table."""
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        sections.setdefault(entry.section, []).append(streamlit_page(entry))
    return sections


def html_link(file: str, content: str) -> str:
    """Return a link to the page in *file* for `st.html`, with HTML as its *content*.

    The script of the document opens it in the same session. At an address that is not a page's, the document
    is Streamlit's own, and the link starts a new session.
    """
    entry = next(entry for entry in PAGES if entry.file == file)
    return f'<a href=".{"/" if entry is PAGES[0] else entry.url_path}">{content}</a>'
