"""The counts of the Tokens page as code."""

import streamlit as st

from components.session import session
from core.tokens.analysis import TokenAnalysis
from core.tokens.snippets import token_snippets


def code_panel(found: TokenAnalysis) -> None:
    """Show how to count the same in Python, here and on the server."""
    for snippet in token_snippets(found, session.profile().base_url):
        st.subheader(snippet.label, anchor=False)
        st.code(snippet.source, language=snippet.language, wrap_lines=True)
    st.caption("Long texts are cut short here. The key is read from OPENAI_API_KEY.")
