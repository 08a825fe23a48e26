"""Errors: what happened, what to do, and the technical details."""

from typing import Literal

import streamlit as st

from components.ui.markdown_escape import escape_markdown
from core.errors.types import Explanation

_DRAW = {"error": st.error, "info": st.info}


def error_card(
    explanation: Explanation,
    icon: str = ":material/error:",
    prefix: str = "",
    level: Literal["error", "info"] = "error",
) -> None:
    """Draw *explanation*, whose texts are escaped because they may come from a server or a file.

    *prefix* is Markdown and not escaped.
    """
    lead = f"{prefix} " if prefix else ""
    simulated = " :orange-badge[simulated]" if explanation.simulated else ""
    title, hint = escape_markdown(explanation.title), escape_markdown(explanation.hint)
    _DRAW[level](f"{lead}**{title}.** {hint}{simulated}", icon=icon)
    details = (
        explanation.detail if explanation.detail != explanation.title else "",
        f"HTTP {explanation.status}" if explanation.status else "",
        f"request {explanation.request_id}" if explanation.request_id else "",
    )
    if any(details):
        st.caption(escape_markdown(" · ".join(filter(None, details))))
