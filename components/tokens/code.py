"""The Code panel: the counts of the Tokens page as code."""

import streamlit as st

from components.session import session
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from core.token_analysis.analysis import TokenAnalysis
from core.token_analysis.snippets import local_snippet, server_snippets


def code_panel(analysis: TokenAnalysis) -> None:
    """Draw code that counts the same tokens, locally and on the server."""
    st.subheader("Count locally", anchor=False)
    local = local_snippet(analysis)
    st.code(local.source, language=local.language, wrap_lines=True)
    st.subheader("Count on the server", anchor=False)
    options = snippet_options(session.profile().base_url)
    snippet_tabs(server_snippets(analysis, options), options, "tokens.code")
    st.caption("Long texts are truncated in the code.")
