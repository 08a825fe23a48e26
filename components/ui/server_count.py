"""Count the tokens of a request exactly, on the server that would get it."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from components.session import session
from components.ui.error_card import error_card
from components.ui.inspector import run_inspector
from core.apis import APIS
from core.errors.explain import explain
from core.errors.types import Explanation, PlaygroundError
from core.json_values import json_objects
from core.runs import event_loop
from core.token_analysis.request_parser import ParsedRequest
from core.token_analysis.server_count import ServerCount, count_on_server, count_params
from core.tokens.estimate import estimate_tokens


@dataclass(frozen=True, slots=True)
class _LastCount:
    requested: dict[str, Any]
    result: ServerCount | Explanation


@dataclass(slots=True)
class _LastCounts:
    """The last count by widget key, so that it stays on the page until the request changes."""

    by_key: dict[str, _LastCount] = field(default_factory=dict)


def server_count(request: ParsedRequest, model_id: str, key: str) -> None:
    """Draw a button that counts *request*, and the result of its last press."""
    params = count_params(request, model_id)
    last_counts = session.session_object(_LastCounts).by_key
    if st.button("Count exactly on the server", icon=":material/calculate:", key=key):
        last_counts[key] = _LastCount(params, _count(params))
    last = last_counts.get(key)
    if last is None or last.requested != params:
        return
    if isinstance(last.result, Explanation):
        _error(last.result)
        return
    _result(last.result)
    if any(message.get("name") for message in json_objects(request.params.get("messages"))):
        st.caption("Names of messages are not counted: the Responses API has none.")
    if st.button("Request details", icon=":material/code:", key=f"{key}.inspect"):
        run_inspector.show(last.result.run.id)


def _count(params: dict[str, Any]) -> ServerCount | Explanation:
    profile = session.profile()
    try:
        return event_loop.run_until_complete(count_on_server(session.live_session().calls, profile, params))
    except (TimeoutError, PlaygroundError) as error:
        return explain(error, base_url=profile.base_url)


def _result(count: ServerCount) -> None:
    if count.tokens is None:
        _error(count.run.error or Explanation("The server sent no count", "Use the estimate."))
        return
    estimate = estimate_tokens(APIS["responses"].chat_params(count.run.params))
    difference = count.tokens - estimate.tokens
    against = f"{difference:+,} against the estimate" if difference else "exactly as estimated"
    part = " for the input alone, as it counts no tools or schemas" if count.is_partial else ""
    st.success(
        f"Counted by the server: **{count.tokens:,} tokens**{part}, {against}.", icon=":material/check:"
    )


def _error(explanation: Explanation) -> None:
    error_card(explanation, ":material/info:", prefix="This server did not count:", level="info")
