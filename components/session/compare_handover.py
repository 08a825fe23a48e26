"""A run that another page opens in Compare, beside one that differs in one thing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.session import session
from core.paths import ROOT

if TYPE_CHECKING:
    from core.compare.quick.start import Contrast


@dataclass(slots=True, eq=False)
class _CompareHandover:
    run_id: str | None = None
    contrast: "Contrast" = "model"


def open_in_compare(run_id: str, contrast: "Contrast" = "model") -> None:
    """Go to Compare with the conversation of a run; the variants differ in *contrast*. Nothing is sent."""
    pending = session.session_object(_CompareHandover)
    pending.run_id, pending.contrast = run_id, contrast
    st.switch_page(ROOT / "pages" / "compare.py")


def take_run() -> "tuple[str, Contrast] | None":
    """Return the id of the run that has just been opened and in what the variants differ, once."""
    pending = session.session_object(_CompareHandover)
    run_id, pending.run_id = pending.run_id, None
    return (run_id, pending.contrast) if run_id else None
