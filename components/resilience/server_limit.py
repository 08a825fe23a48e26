"""The rate limit of the active server, as its headers reported it."""

from typing import TYPE_CHECKING

import streamlit as st

from components.session import repositories, session
from components.ui.error_card import error_card
from components.ui.formatting import format_seconds
from components.ui.markdown_escape import escape_markdown
from core.runs import event_loop

if TYPE_CHECKING:
    from core.resilience.concurrency.limits import RequestLimit

_MAX_RUNS = 50  # in which the headers of the server and model are looked up


def server_limit(*, disabled: bool) -> "RequestLimit | None":
    """Draw the limit that saved runs have seen, with a button that requests it, and return it."""
    from core.resilience.concurrency.limits import last_limit, request_limit

    profile, model = session.profile(), session.model() or ""
    with st.container(horizontal=True, vertical_alignment="center"):
        place = st.empty()
        is_requested = st.button(
            "Request the limit",
            icon=":material/speed:",
            type="tertiary",
            key="resilience.async.request_limit",
            disabled=disabled or not model,
            help="Sends one short request, and reads the x-ratelimit headers of the response.",
        )
    error = None
    if is_requested:
        calls = session.live_session().calls
        with st.spinner("Requesting the limit"):
            error = event_loop.run_until_complete(request_limit(calls, profile, model))
    if error:
        error_card(error)
    limit = last_limit(repositories.run_repository().list(limit=_MAX_RUNS), profile, model)
    if limit:
        text = (
            f"{model} accepts {limit.limit:,} requests at most. {limit.at_once:,} are left, and one more "
            f"every {format_seconds(limit.interval)}, by the headers of the server."
        )
    elif is_requested and not error:
        text = "The server reports no rate limit in its headers."
    else:
        text = "The rate limit of the server is not known yet."
    place.caption(escape_markdown(text), width="content")
    return limit
