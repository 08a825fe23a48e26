"""A link that downloads what a route streams: `st.download_button` would hold the file in memory."""

from html import escape

import streamlit as st

from components.ui.icon_html import icon_html


def download_link(label: str, address: str, help_text: str) -> None:
    """Draw a link to *address*, whose response is a file, that looks like a button.

    Not `st.link_button`, which opens a new tab: it would stay empty beside the download.
    """
    st.html(
        f'<a class="download-link" href="{escape(address)}" download title="{escape(help_text)}">'
        f"{icon_html(':material/download:')} {escape(label)}</a>",
        width="content",
    )
