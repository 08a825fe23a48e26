"""The tokens of a request by message and part, and the exact count of the server."""

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown
from components.ui.server_count import server_count
from core.token_analysis.analysis import TokenAnalysis
from core.token_analysis.request_parser import ParsedRequest
from core.tokens.estimate import estimate_tokens, message_breakdown

_MAX_ROWS = 500
_REQUEST_PARTS = ("tools", "response schema", "reply priming")  # those that belong to no message


def breakdown_panel(analysis: TokenAnalysis) -> None:
    """Break down the estimate of a request, or of a text as a user message, and offer the exact count."""
    request, model_id = analysis.to_request(), analysis.options.model
    params = {**request.chat, "model": model_id}
    estimate, messages = session.live_session().token_session.panel_cache.get_or_compute(
        "breakdown",
        analysis,
        None,
        lambda: (analysis.estimate or estimate_tokens(params), message_breakdown(params)),
    )
    if not analysis.estimate:
        st.caption("The text as one user message:")
    content = sum(message.text_tokens + message.image_tokens for message in messages)
    shown = messages[:_MAX_ROWS]
    parts = [(name, tokens) for name, tokens in estimate.parts if name in _REQUEST_PARTS]
    blank = [None] * len(parts)
    table = {
        "Part": _message_names(request, [message.role for message in shown]) + [name for name, _ in parts],
        "Framing": [message.framing_tokens for message in shown] + blank,
        "Role": [message.role_tokens for message in shown] + blank,
        "Name": [message.name_tokens for message in shown] + blank,
        "Text": [message.text_tokens for message in shown] + blank,
        "Images": [message.image_tokens for message in shown] + blank,
        "Total": [message.total for message in shown] + [tokens for _, tokens in parts],
    }
    st.dataframe(table, hide_index=True, placeholder="–", alt="Tokens by message and part")
    notes = f" Notes: {escape_markdown('; '.join(estimate.notes))}." if estimate.notes else ""
    st.markdown(
        f"Estimated: **{estimate.tokens:,} tokens**: {content:,} of message content, "
        f"{estimate.tokens - content:,} of overhead.{notes}"
    )
    server_count(request, model_id, "tokens.count")


def _message_names(request: ParsedRequest, roles: list[str]) -> list[str]:
    """Return the roles with the numbers of their messages; the instructions of a response are none."""
    first = 0 if request.api == "responses" and request.params.get("instructions") else 1
    names = [f"{number}. {role}" for number, role in enumerate(roles, first)]
    return ["instructions", *names[1:]] if first == 0 else names
