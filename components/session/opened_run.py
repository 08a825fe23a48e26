"""The run that History opens on the page it came from, by a parameter of the URL."""

import streamlit as st

from components.session import repositories
from core.errors.types import NotFound
from core.runs.run import Run

_PARAMETER = "run"


def take_opened_run(*capabilities: str) -> Run | None:
    """Return the run in the URL, once; None if it is not of *capabilities*: anybody can write an id there."""
    run_id = st.query_params.pop(_PARAMETER, None)
    if run_id is None:
        return None
    try:
        run = repositories.run_repository().get(str(run_id))
    except NotFound:
        return None
    return run if run.capability in capabilities else None
