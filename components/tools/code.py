"""The loop as code."""

from collections.abc import Sequence

import streamlit as st

from components.session import session
from components.tools.question import current_question
from components.tools.session import tools_session
from components.tools.settings import LoopOptions
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from core.tools.loop.modes import ToolSetup
from core.tools.snippets.loop_script import loop_snippets


def code_button(setups: Sequence[ToolSetup], options: LoopOptions) -> None:
    """Draw the button that shows the loop as a script, and the script while it is open.

    A loop that runs draws the page again, which must not close it.
    """
    state = tools_session()
    st.button("Code", icon=":material/code:", key="tools.code", on_click=state.show_code, args=(True,))
    if state.is_code_open:
        dialog = st.dialog(
            "Code for this loop",
            width="large",
            icon=":material/code:",
            on_dismiss=lambda: state.show_code(False),
        )
        dialog(_snippets)(setups, options)


def _snippets(setups: Sequence[ToolSetup], options: LoopOptions) -> None:
    if problem := options.settings.choice.problem:
        st.warning(problem, icon=":material/block:")
        return
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
