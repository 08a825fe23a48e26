"""The question, and the loop that it starts."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from components.session import session
from components.tools.session import MAIN, QUESTION_KEY, WITHOUT_TOOLS, tools_session
from components.tools.settings import LoopOptions
from components.ui.models.no_model import no_model_problem
from core.tools.library.catalog import LIBRARY
from core.tools.loop.modes import ToolSetup
from core.tools.loop.tool_loop import ToolLoop
from core.tools.requests.support import ToolSupport, tool_support

_KEY = "tools.question"
_MAX_QUESTION = 100_000  # characters


def question_form(setups: Sequence[ToolSetup], options: LoopOptions, support: ToolSupport) -> None:
    """Draw the question, and start the loop if it was asked."""
    state = tools_session()
    problem = no_model_problem(options.settings.model) or options.problem(support, len(setups))
    if problem:
        st.warning(problem, icon=":material/block:")
    with st.form(f"{_KEY}.form", border=False):
        text = st.text_area(
            "Question",
            key=session.with_default(QUESTION_KEY, LIBRARY[0].example),
            placeholder="Enter what the model should do.",
            height=68,
            persist_state="session",
        )
        # Beside the text, where it stays until the question is asked again.
        message = st.container()
        with st.container(horizontal=True, gap="small"):
            asked = st.form_submit_button(
                "Ask",
                type="primary",
                icon=":material/send:",
                disabled=bool(problem) or not options.settings.model or state.is_running,
            )
            if state.is_running:
                st.form_submit_button("Stop", icon=":material/stop_circle:", on_click=state.stop)
            elif state.experiment:
                st.form_submit_button("Clear", icon=":material/restart_alt:", on_click=state.clear)
    if not asked:
        return
    if not text.strip():
        message.error("Enter a question first.", icon=":material/block:")
    elif len(text) > _MAX_QUESTION:
        excess = f"The question has {len(text):,} characters. The limit is {_MAX_QUESTION:,}."
        message.error(excess, icon=":material/block:")
    else:
        # The second click of a double click must not stop the loop that the first one has started.
        if not state.is_running:
            state.start(_loops(text, setups, options))
        st.rerun()


def current_question() -> str:
    """Return the text of the question."""
    return str(session.widget_value(QUESTION_KEY) or LIBRARY[0].example)


def _loops(text: str, setups: Sequence[ToolSetup], options: LoopOptions) -> dict[str, ToolLoop]:
    """Make the loop of the question and those that it is compared with."""
    allowed = tools_session().always_allowed
    settings = options.settings
    loops = {MAIN: ToolLoop(text, settings, setups, options.limits, allowed)}
    if options.without_tools:
        loops[WITHOUT_TOOLS] = ToolLoop(text, settings, (), options.limits)
    if options.other_model:
        support = tool_support(options.other_model, settings.api)
        other = replace(
            settings,
            model=options.other_model,
            reasoning_effort=support.reasoning_effort,
            api=support.api,
        )
        loops[options.other_model] = ToolLoop(text, other, setups, options.limits, allowed)
    return loops
