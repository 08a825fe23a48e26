"""The drawer with the code, request, response and events of a run."""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from components.session import repositories
from components.ui.error_card import error_card
from components.ui.inspector.event_table import event_table
from components.ui.inspector.json_text import MAX_ITEMS, shown_json
from components.ui.inspector.snippet_tabs import run_snippet_options, snippet_tabs
from components.ui.inspector.stream_timeline import stream_timeline
from components.ui.markdown_escape import escape_markdown
from core.errors.types import NotFound
from core.redaction import redact
from core.runs.run import Event, Run, RunState

NO_REQUEST = "The request is not in the file from which the run was imported."


@st.dialog("Request details", width="large", position="right")
def show(run_id: str, image_names: Sequence[str] = ()) -> None:
    """Draw the details of a run in a dialog, which the next run of the page closes."""
    run_details(run_id, image_names)


def run_details(run_id: str, image_names: Sequence[str] = ()) -> None:
    """Draw the tabs *Code*, *Request*, *Response* and *Events* of a run.

    *image_names* are those of the images in its request, in order, if they are known.
    """
    runs = repositories.run_repository()
    try:
        run = runs.get(run_id)
    except NotFound as error:
        st.info(str(error))
        return
    model = escape_markdown(run.model or str(run.params.get("model", "")))
    st.caption(f"{model} · {run.state.value} · {run.started_at:%Y-%m-%d %H:%M:%S} UTC")
    tabs = ["Code", "Request", "Response", "Events"]
    code, request, response, events = st.tabs(tabs, on_change="rerun", key="inspector.tabs")
    if run.has_request:
        _code_and_request(run, image_names, code, request)
    else:
        code.info(NO_REQUEST)
        request.info(NO_REQUEST)
    with response:
        _response(run)
    # There can be tens of thousands.
    if events.open:
        with events:
            _events(run, runs.events(run_id))


def _code_and_request(
    run: Run, image_names: Sequence[str], code: DeltaGenerator, request: DeltaGenerator
) -> None:
    # Late, because the writers of code take half of the time in which the Chat page is imported.
    from core.endpoints import get_endpoint

    endpoint = get_endpoint(run.endpoint)
    with code:
        options = run_snippet_options(run, image_names)
        snippet_tabs(endpoint.write_snippets(run.params, options), options, "inspector.code")
    with request:
        st.caption(escape_markdown(f"POST {run.base_url}/{endpoint.path}"))
        _json(run.params)
        _request_download(run)


def _request_download(run: Run) -> None:
    """Offer a request with many inputs as a file, because the tab shows only the first of them."""
    inputs = run.params.get("input")
    if isinstance(inputs, list) and len(inputs) > MAX_ITEMS:
        body = redact(json.dumps(run.params, indent=2, ensure_ascii=False))
        st.download_button(
            "Download request", body, "request.json", "application/json", icon=":material/download:"
        )


def _response(run: Run) -> None:
    if run.error:
        error_card(run.error)
    if run.headers:
        st.code("\n".join(f"{name}: {value}" for name, value in run.headers.items()), language=None)
    if run.response:
        st.caption("Reassembled from the stream." if run.stream else "As received.")
        _json(run.response)
    elif not run.error:
        # The file of a board has the texts and figures only.
        st.info("The response was not saved as it was received." if run.text else "No response received.")


def _events(run: Run, events: list[Event]) -> None:
    if not events:
        # A result of a batch, and a run from a file, had none.
        is_running = run.state is RunState.RUNNING
        text = "No events yet. They are saved at most a second after they are received."
        st.info(text if is_running else "No events were saved.")
        return
    stream_timeline(events)
    event_table(events, f"inspector.events.{run.id}")
    st.download_button(
        "Download events", partial(_json_lines, events), "events.jsonl", icon=":material/download:"
    )


def _json_lines(events: Sequence[Event]) -> str:
    return redact("\n".join(json.dumps([event.at, event.kind, event.data]) for event in events))


def _json(value: Any) -> None:
    st.code(shown_json(value), language="json", wrap_lines=True)
