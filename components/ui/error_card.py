"""How a problem is told: what happened in bold, then what to do, and never as markup."""

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
    """Draw *found*, whose texts may be a server's or a file's; *before* are words of ours."""
    lead = f"{prefix} " if prefix else ""
    _DRAW[level](
        f"{lead}**{escape_markdown(explanation.title)}.** {escape_markdown(explanation.hint)}", icon=icon
    )
    facts = (
        explanation.detail if explanation.detail != explanation.title else "",
        f"HTTP {explanation.status}" if explanation.status else "",
        f"request {explanation.request_id}" if explanation.request_id else "",
    )
    if any(facts):
        st.caption(escape_markdown(" · ".join(filter(None, facts))))
