"""The calls that wait for a person: approval, or the result."""

import streamlit as st

from components.session import session
from components.tools.session import tools_session
from components.ui.markdown_escape import escape_markdown
from core.tools.loop.modes import ToolMode
from core.tools.loop.result import bounded_result, error_result
from core.tools.loop.tool_loop import ToolLoop

_KEY = "tools.decision"
_MAX_SHOWN = 500


def waiting_forms(loop: ToolLoop) -> None:
    """Draw a form for each call that waits.

    They are drawn with the page, not with the calls, which are redrawn several times a second.
    """
    for call in loop.waiting_calls:
        key = f"{_KEY}.{call.key}"
        with st.container(border=True, gap="xsmall", key=key):
            name = escape_markdown(call.request.name)
            arguments = call.request.arguments
            is_long = len(arguments) > _MAX_SHOWN
            shown = "these arguments" if is_long else escape_markdown(arguments)
            if is_long:  # all of them, because what is not shown cannot be approved
                st.code(arguments, language=None, wrap_lines=True, height=200)
            if call.mode is ToolMode.APPROVE:
                st.markdown(f":material/front_hand: Allow **{name}** with {shown}?")
                decide = tools_session().decide
                once, always, decline = ((loop, call.key, choice) for choice in ("once", "always", "decline"))
                with st.container(horizontal=True, gap="xsmall"):
                    st.button("Allow once", type="primary", key=f"{key}.once", on_click=decide, args=once)
                    st.button("Always allow", key=f"{key}.always", on_click=decide, args=always)
                    st.button("Decline", key=f"{key}.decline", on_click=decide, args=decline)
            else:
                with st.form(f"{key}.form", border=False):
                    label = f":material/edit: Result of **{name}** with {shown}"
                    st.text_area(label, key=f"{key}.text", height=68)
                    with st.container(horizontal=True, vertical_alignment="center"):
                        st.form_submit_button(
                            "Send the result", type="primary", on_click=_answer, args=(loop, call.key)
                        )
                        st.checkbox("It is an error", key=f"{key}.error")


def _answer(loop: ToolLoop, key: str) -> None:
    text = str(session.widget_value(f"{_KEY}.{key}.text") or "")
    is_error = session.widget_value(f"{_KEY}.{key}.error")
    tools_session().decide(loop, key, error_result(text) if is_error else bounded_result(text))
