"""The calls of a round: their arguments, their check, their result."""

import json
from collections import Counter
from collections.abc import Sequence

import streamlit as st

from components.ui.formatting import format_count, format_seconds
from components.ui.markdown_escape import escape_markdown
from core.tools.loop.modes import ToolMode
from core.tools.loop.tool_call import CallState, ToolCall
from core.tools.requests.model_api import RequestedCall

_BADGES = {
    CallState.CHECKED: ("arguments valid", "schedule", "gray"),
    CallState.WAITING: ("waiting for you", "front_hand", "orange"),
    CallState.RUNNING: ("running", "hourglass_top", "blue"),
    CallState.DONE: ("done", "check", "green"),
    CallState.FAILED: ("failed", "error", "red"),
    CallState.DECLINED: ("declined", "block", "gray"),
    CallState.STOPPED: ("stopped", "stop_circle", "gray"),
}
_ANSWERED_BY = {ToolMode.MOCK: "mock", ToolMode.ASK: "your answer", ToolMode.APPROVE: "with approval"}
_MAX_CARDS = 32
_SHORT_RESULT = 400
_SHOWN_NAMES = 100
_SHOWN_ARGUMENTS = 4_000


def call_cards(calls: Sequence[ToolCall]) -> None:
    """Draw a card for each call, up to a number that a page can draw."""
    for call in calls[:_MAX_CARDS]:
        with st.container(border=True, gap="xxsmall", key=f"tools.call.{call.key}"):
            text, icon, color = _BADGES[call.state]
            notes = [
                _ANSWERED_BY.get(call.mode, ""),
                format_seconds(call.seconds) if call.seconds is not None else "",
            ]
            caption = " · ".join(filter(None, notes))
            st.markdown(
                f":material/function: **{escape_markdown(call.request.name or '(no name)')}** "
                f":{color}-badge[:material/{icon}: {text}] :gray[{escape_markdown(caption)}]"
            )
            st.code(_format_arguments(call.request.arguments), language=None, wrap_lines=True)
            if call.problem:
                st.markdown(f":red[{escape_markdown(call.problem)}]")
            if result := call.result:
                title = ":material/subdirectory_arrow_right: Sent to the model"
                if len(result.text) <= _SHORT_RESULT:
                    st.caption(title)
                    st.code(result.text, language=None, wrap_lines=True)
                else:
                    truncated = ", truncated" if result.is_truncated else ""
                    with st.expander(f"{title} · {result.size:,} characters{truncated}"):
                        st.code(result.text, language=None, wrap_lines=True, height=300)

    if len(calls) > _MAX_CARDS:
        st.caption(f"And {len(calls) - _MAX_CARDS:,} more calls: see the request details.")


def folded_call_cards(calls: Sequence[ToolCall], key: str) -> None:
    """Draw a line that says how the calls ended, with their cards in it once it is open."""
    names = ", ".join(dict.fromkeys(call.request.name for call in calls))[:_SHOWN_NAMES]
    states = Counter(_BADGES[call.state][0] for call in calls)
    ends = ", ".join(f"{count} {state}" for state, count in states.items())
    label = f"{format_count(len(calls), 'call')}: {names} · {ends}"
    cards = st.expander(escape_markdown(label), icon=":material/function:", key=key, on_change="rerun")
    with cards:
        if cards.open:
            call_cards(calls)


def partial_calls(calls: Sequence[RequestedCall], badge: str) -> None:
    """Draw calls whose arguments have arrived in part, with *badge*."""
    for call in calls[:_MAX_CARDS]:
        with st.container(border=True, gap="xxsmall"):
            st.markdown(f":material/function: **{escape_markdown(call.name or '(no name)')}** {badge}")
            st.code(call.arguments[-_SHOWN_ARGUMENTS:] or " ", language=None, wrap_lines=True)


def _format_arguments(text: str) -> str:
    """Return short arguments on one line as JSON, and anything else as it arrived."""
    if len(text) > _SHOWN_ARGUMENTS:
        return f"{text[:_SHOWN_ARGUMENTS]}… ({len(text):,} characters)"
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        return text or "(no arguments)"
