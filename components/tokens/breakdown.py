"""What of a request is overhead, and what the server itself counts."""

from typing import Any

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from components.ui.server_count import server_count
from core.tokens.analysis import TokenAnalysis
from core.tokens.estimate import TokenEstimate, estimate_tokens, message_breakdown

_MAX_ROWS = 500
_PART_LABELS = {
    "reply priming": "reply priming",
    "tools": "tools",
    "response schema": "response schema",
}


def breakdown_panel(found: TokenAnalysis) -> None:
    """Break down the request that the reading is, or would be as a user's message, and offer to count it."""
    params = {**found.to_request(), "model": found.options.model}
    estimated = found.estimate or estimate_tokens(params)
    if not found.estimate:
        st.caption("As the one message of a user:")
    st.dataframe(
        _rows(params, estimated), hide_index=True, placeholder="–", alt="Tokens by message and what for"
    )
    st.markdown(_summary(params, estimated))
    server_count(params, "tokens.count")


def _rows(params: dict[str, Any], estimated: TokenEstimate) -> dict[str, list[Any]]:
    messages = message_breakdown(params)[:_MAX_ROWS]
    whole = [(_PART_LABELS[name], tokens) for name, tokens in estimated.parts if name in _PART_LABELS]
    blank = [None] * len(whole)
    return {
        "Part": [f"{at}. {message.role}" for at, message in enumerate(messages, 1)]
        + [name for name, _ in whole],
        "Framing": [message.framing_tokens for message in messages] + blank,
        "Role": [message.role_tokens for message in messages] + blank,
        "Name": [message.name_tokens for message in messages] + blank,
        "Text": [message.text_tokens for message in messages] + blank,
        "Images": [message.image_tokens for message in messages] + blank,
        "Total": [message.total for message in messages] + [tokens for _, tokens in whole],
    }


def _summary(params: dict[str, Any], estimated: TokenEstimate) -> str:
    said = sum(message.text_tokens + message.image_tokens for message in message_breakdown(params))
    notes = f" Not certain: {escape_markdown('; '.join(estimated.notes))}." if estimated.notes else ""
    return (
        f"Estimated: **{estimated.tokens:,} tokens**, {said:,} for what the messages say and "
        f"{estimated.tokens - said:,} of overhead.{notes}"
    )
