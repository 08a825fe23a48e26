"""The run in the URL, which a page that is loaded again shows again."""

from dataclasses import dataclass

import streamlit as st

from components.session import session

_PARAMETER = "run"


@dataclass(slots=True, eq=False)
class _Selection:
    """The run that was selected in the list when it was last drawn."""

    run_id: str | None = None


def opened_run(selected: str | None) -> str | None:
    """Return the run to show: the *selected* one, else that of the URL, until another was selected."""
    last = session.session_object(_Selection)
    from_url = str(st.query_params.get(_PARAMETER, "")) or None
    is_deselected = selected is None and last.run_id is not None
    last.run_id = selected
    if selected is None and not is_deselected:
        return from_url
    if selected is None:
        close_run()
    elif selected != from_url:
        st.query_params[_PARAMETER] = selected
    return selected


def close_run() -> None:
    st.query_params.pop(_PARAMETER, None)
