"""A run that another page opens in Compare, on its model and on another."""

from dataclasses import dataclass

import streamlit as st

from components.session import session
from core.paths import ROOT


@dataclass(slots=True, eq=False)
class _CompareHandover:
    run_id: str | None = None


def open_in_compare(run_id: str) -> None:
    """Go to Compare with the conversation of a run. Nothing is sent."""
    session.session_object(_CompareHandover).run_id = run_id
    st.switch_page(ROOT / "pages" / "compare.py")


def take_run() -> str | None:
    """Return the id of the run that has just been opened, once."""
    pending = session.session_object(_CompareHandover)
    run_id, pending.run_id = pending.run_id, None
    return run_id
