"""How a problem is told: what happened in bold, then what to do, and never as markup."""

from typing import Literal

import streamlit as st

from components.plain import plain
from core.errors import Explanation

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
    if found.detail:
        st.caption(plain(found.detail))
