"""The loop as code."""

from collections.abc import Sequence

import streamlit as st

from components.session import session
from components.tools.question import current_question
from components.tools.session import tools_session
from components.tools.settings import LoopOptions
from components.ui.snippet_tabs import snippet_options, snippet_tabs
from core.tools.modes import ToolSetup
from core.tools.snippets import loop_snippets


def code_button(setups: Sequence[ToolSetup], options: LoopOptions) -> None:
    """Draw the button that shows the loop as a script."""
    if st.button("Code", icon=":material/code:", key="tools.code"):
        _code_dialog(setups, options)


@st.dialog("Code for this loop", width="large", icon=":material/code:")
def _code_dialog(setups: Sequence[ToolSetup], options: LoopOptions) -> None:
    target = snippet_options(session.profile().base_url)
    snippets = loop_snippets(
        current_question(),
        options.settings,
        setups,
        options.limits,
        target,
        tools_session().csv_text,
    )
    snippet_tabs(snippets, target, "tools.code")
