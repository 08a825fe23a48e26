"""The comparison of this session, and what is open beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from components.compare.comparisons import add_comparison, find_comparison
from components.session import session
from components.ui.models.model_options import models_of_server
from core.client.profile import Profile
from core.compare.quick.comparison import QuickComparison
from core.compare.quick.start import api_comparison, example_comparison, stream_comparison

_QUERY_PARAMETER = "comparison"


@dataclass(slots=True, eq=False)
class CompareSession:
    """The id of the open comparison, the run whose details are open, and the variant that is being edited.

    *edits* counts how often settings were opened.
    """

    comparison_id: str = ""
    inspected: str | None = None
    edited: str | None = None
    edits: int = 0

    def inspect(self, run_id: str | None) -> None:
        self.inspected = run_id

    def edit(self, variant_id: str | None) -> None:
        self.edited = variant_id
        self.edits += 1


def compare_session() -> CompareSession:
    """Return the state of this browser session."""
    return session.session_object(CompareSession)


def open_comparison(comparison: QuickComparison) -> None:
    """Show *comparison*, which is new, from now on."""
    state = compare_session()
    state.comparison_id = add_comparison(comparison)
    state.inspected = state.edited = None
    st.query_params.pop(_QUERY_PARAMETER, None)


def current_comparison() -> QuickComparison:
    """Return the comparison in the URL, or else the last one of this session; at first an example.

    The URL names one after a reload, and when the user goes back or forward.
    """
    state = compare_session()
    from_url = str(st.query_params.get(_QUERY_PARAMETER, ""))
    if from_url != state.comparison_id and find_comparison(from_url):
        state.comparison_id = from_url
    comparison = find_comparison(state.comparison_id)
    if comparison is None:
        comparison = new_example()
        open_comparison(comparison)
    if from_url != state.comparison_id:
        st.query_params[_QUERY_PARAMETER] = state.comparison_id
    return comparison


EXAMPLES: Mapping[str, Callable[[str, Sequence[str]], QuickComparison]] = {
    "Models and prompts": example_comparison,
    "Stream on and off": stream_comparison,
    "Chat Completions and Responses": api_comparison,
}


def new_example(name: str = "Models and prompts") -> QuickComparison:
    """Return an example for the active server."""
    profile = session.profile()
    return EXAMPLES[name](profile.id, chat_models(profile))


def chat_models(profile: Profile) -> list[str]:
    """Return the chat models of a server, as far as they are known."""
    listed, today = session.known_models(profile), datetime.now(UTC).date()
    return list(models_of_server(profile, listed, "chat", today))
