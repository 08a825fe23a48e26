"""The Code panel: the counts of the Tokens page as code."""

import streamlit as st

from components.session import session
from core.tokens.analysis import TokenAnalysis
from core.tokens.snippets import token_snippets


def code_panel(analysis: TokenAnalysis) -> None:
    """Draw Python code that counts the same tokens, locally and on the server."""
    for snippet in token_snippets(analysis, session.profile().base_url):
        st.subheader(snippet.label, anchor=False)
        st.code(snippet.source, language=snippet.language, wrap_lines=True)
    st.caption("Long texts are truncated in the code. The API key is read from OPENAI_API_KEY.")
