"""The run that is open: selected in the list, and in the URL, so that a reload shows it again."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.session import session

_PARAMETER = "run"


@dataclass(slots=True, eq=False)
class RunSelection:
    """The run that was selected when the list with the key *list_key* was last drawn."""

    list_key: str = ""
    run_id: str | None = None

    def default_rows(self, list_key: str, run_ids: Sequence[str]) -> list[int]:
        """Return the rows to select when a list is first drawn: that of the open run."""
        if list_key != self.list_key:
            self.list_key, self.run_id = list_key, None
        opened = _run_in_url()
        return [run_ids.index(opened)] if opened in run_ids else []

    def opened_run(self, selected: str | None) -> str | None:
        """Return the run to show: the *selected* one, else that of the URL if the user has closed none."""
        is_deselected = selected is None and self.run_id is not None
        self.run_id = selected
        if is_deselected:
            close_run()
        elif selected and selected != _run_in_url():
            st.query_params[_PARAMETER] = selected
        return selected or _run_in_url()


def run_selection() -> RunSelection:
    return session.session_object(RunSelection)


def close_run() -> None:
    st.query_params.pop(_PARAMETER, None)


def _run_in_url() -> str | None:
    return str(st.query_params.get(_PARAMETER, "")) or None
