"""How a problem is told: what happened in bold, then what to do, and never as markup."""

from typing import Literal

import streamlit as st

from components.ui.markdown_escape import plain
from core.errors.types import Explanation

_DRAW = {"error": st.error, "info": st.info}


def problem(
    found: Explanation,
    icon: str = ":material/error:",
    before: str = "",
    level: Literal["error", "info"] = "error",
) -> None:
    """Draw *found*, whose texts may be a server's or a file's; *before* are words of ours."""
    lead = f"{before} " if before else ""
    _DRAW[level](f"{lead}**{plain(found.title)}.** {plain(found.hint)}", icon=icon)
    facts = (
        found.detail if found.detail != found.title else "",
        f"HTTP {found.status}" if found.status else "",
        f"request {found.request_id}" if found.request_id else "",
    )
    if any(facts):
        st.caption(plain(" · ".join(filter(None, facts))))
