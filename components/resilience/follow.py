"""Draw an experiment while it runs, and say when one ran that is shown again."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

_POLL_INTERVAL = 0.3


@st.fragment(run_every=_POLL_INTERVAL)
def follow(is_running: Callable[[], bool], draw: Callable[[], object]) -> None:
    """Call *draw* again and again while an experiment *is_running*, and draw the whole page at its end."""
    if not is_running():
        st.rerun()
    draw()


def restored_caption(started_at: datetime) -> None:
    """Say when an experiment ran of which only the result is left."""
    st.caption(f"From before the app was restarted: {started_at:%Y-%m-%d %H:%M} UTC.")
