"""Let a model call functions: the tools, the question, and the loop of calls and results as it runs."""

import streamlit as st

from components.session import session
from components.shell.page_header import page_header
from components.tools import cards, code, draft, question, settings, timeline, unfinished
from components.tools.check.panel import check_button, check_panel
from components.ui.stream_toggle import stream_toggle

toolbar = page_header("tools.py")
model = session.model() or ""
support = settings.page_support(model)
draft.restore_draft()
question_area, cards_area = st.container(), st.container()
with cards_area:
    setups = cards.tool_cards()
with toolbar:
    stream = stream_toggle()
    names = [setup.name for setup in setups]
    options = settings.loop_options(model, support, stream, names)
    code.code_button(setups, options)
    check_button()
draft.save_draft()
with question_area:
    question.question_form(setups, options, support)
timeline.loops_view(setups, options.limits)
unfinished.unfinished_questions()
check_panel(setups, options, support)
