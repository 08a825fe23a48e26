"""The drawer with the code, request, response and events of a run."""

import json
from typing import Any

import streamlit as st

from components.session import repositories
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.stream_timeline import stream_timeline
from core.endpoints import get_endpoint
from core.errors.types import NotFound
from core.redaction import redact
from core.runs.run import Event, Run

_MAX_EVENTS = 2_000
_MAX_ITEMS = 50
_MAX_DATA_URL = 200


@st.dialog("Request details", width="large", position="right")
def show(run_id: str) -> None:
    """Draw the tabs *Code*, *Request*, *Response* and *Events* of a run."""
    runs = repositories.run_repository()
    try:
        run = runs.get(run_id)
    except NotFound as error:
        st.info(str(error))
        return
    endpoint = get_endpoint(run.endpoint)
    model = escape_markdown(run.model or str(run.params.get("model", "")))
    st.caption(f"{model} · {run.state.value} · {run.started_at:%Y-%m-%d %H:%M:%S} UTC")
    code, request, response, events = st.tabs(["Code", "Request", "Response", "Events"])
    with code:
        snippets = endpoint.write_snippets(run.params, run.base_url)
        for tab, snippet in zip(st.tabs([snippet.label for snippet in snippets]), snippets, strict=True):
            tab.code(snippet.source, language=snippet.language, wrap_lines=True)
        st.caption("The code reads the key from OPENAI_API_KEY. The key itself is never part of the code.")
    with request:
        st.caption(escape_markdown(f"POST {run.base_url}/{endpoint.path}"))
        _json(run.params)
        _request_downloads(run)
    with response:
        _response(run)
    with events:
        _events(runs.events(run_id))


def _request_downloads(run: Run) -> None:
    """Offer long inputs as files: the tab shows only the first, and the code reads them from a file."""
    inputs = run.params.get("input")
    if not isinstance(inputs, list) or len(inputs) <= _MAX_ITEMS:
        return
    for name, content in (("request.json", run.params), ("input.json", inputs)):
        body = redact(json.dumps(content, indent=2, ensure_ascii=False))
        st.download_button(name, body, name, "application/json", icon=":material/download:")


def _response(run: Run) -> None:
    if run.error:
        error_card(run.error)
    if run.headers:
        st.code("\n".join(f"{name}: {value}" for name, value in run.headers.items()), language=None)
    if run.response:
        st.caption("Reassembled from the stream." if run.stream else "As received.")
        _json(run.response)
    elif not run.error:
        st.info("No response received.")


def _events(events: list[Event]) -> None:
    if not events:
        st.info("No events yet. They are saved at most a second after they are received.")
        return
    stream_timeline(events)
    lines = [f"{event.at * 1000:9.1f} ms  {event.kind:<8} {event.data}" for event in events[:_MAX_EVENTS]]
    if len(events) > _MAX_EVENTS:
        st.caption(f"The first {_MAX_EVENTS:,} of {len(events):,} events. The download contains all.")
    st.code(redact("\n".join(lines)), language=None, height=420)
    json_lines = "\n".join(json.dumps([event.at, event.kind, event.data]) for event in events)
    st.download_button("Download events", redact(json_lines), "events.jsonl", icon=":material/download:")


def _json(value: Any) -> None:
    text = json.dumps(_shorten(value), indent=2, ensure_ascii=False)
    st.code(redact(text), language="json", wrap_lines=True)


def _shorten(value: Any) -> Any:
    """Truncate data URLs and lists, which would otherwise hide everything else."""
    if isinstance(value, dict):
        return {key: _shorten(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… and {len(value) - _MAX_ITEMS:,} more"] if len(value) > _MAX_ITEMS else []
        return [*(_shorten(item) for item in value[:_MAX_ITEMS]), *more]
    if isinstance(value, str) and value.startswith("data:") and len(value) > _MAX_DATA_URL:
        return f"{value[:60]}… ({len(value):,} characters)"
    return value
