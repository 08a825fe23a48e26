"""The drawer that shows what a run sent and received."""

import json
from typing import Any

import streamlit as st

from components.session import repositories
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.stream_timeline import stream_timeline
from core.conversations.messages import NotFound
from core.embeddings import snippets as embedding_snippets
from core.redaction import redact
from core.runs.run import Event, Run
from core.snippets import chat_snippets
from core.tokens import snippets as token_snippets

_MAX_EVENTS = 2_000
_MAX_ITEMS = 50
_PATHS = {
    "chat.completions.create": "chat/completions",
    "embeddings.create": "embeddings",
    "responses.input_tokens.count": "responses/input_tokens",
}
_WRITERS = {
    "embeddings.create": embedding_snippets.embedding_snippets,
    "responses.input_tokens.count": token_snippets.count_snippets,
}


@st.dialog("Run", width="large", position="right")
def show(run_id: str) -> None:
    """Draw *Code · Request · Response · Events* of a run."""
    runs = repositories.run_repository()
    try:
        run = runs.get(run_id)
    except NotFound as gone:
        st.info(str(gone))
        return
    model = escape_markdown(run.model or str(run.params.get("model", "")))
    st.caption(f"{model} · {run.state.value} · {run.started_at:%Y-%m-%d %H:%M:%S} UTC")
    code, request, response, events = st.tabs(["Code", "Request", "Response", "Events"])
    with code:
        _code(run)
    with request:
        st.caption(escape_markdown(f"POST {run.base_url}/{_PATHS.get(run.endpoint, run.endpoint)}"))
        _json(run.params)
        _whole_request(run)
    with response:
        _response(run)
    with events:
        _events(runs.events(run_id))


def _code(run: Run) -> None:
    written = _WRITERS.get(run.endpoint, chat_snippets)(run.params, run.base_url)
    for tab, snippet in zip(st.tabs([one.label for one in written]), written, strict=True):
        with tab:
            st.code(snippet.source, language=snippet.language, wrap_lines=True)
    st.caption("Reads the key from OPENAI_API_KEY; the key itself is never part of the code.")


def _whole_request(run: Run) -> None:
    """Offer what is too long to be shown, and is read from a file in the code."""
    texts = run.params.get("input")
    if not isinstance(texts, list) or len(texts) <= _MAX_ITEMS:
        return
    for name, content in (("request.json", run.params), ("input.json", texts)):
        body = redact(json.dumps(content, indent=2, ensure_ascii=False))
        st.download_button(name, body, name, "application/json", icon=":material/download:")


def _response(run: Run) -> None:
    if run.error:
        error_card(run.error)
    if run.headers:
        st.code("\n".join(f"{name}: {value}" for name, value in run.headers.items()), language=None)
    if run.response:
        st.caption("Put together from the stream's chunks." if run.stream else "As received.")
        _json(run.response)
    elif not run.error:
        st.info("Nothing has been received.")


def _events(events: list[Event]) -> None:
    if not events:
        st.info("The events are saved with the reply, a second at most behind it.")
        return
    stream_timeline(events)
    lines = [f"{event.at * 1000:9.1f} ms  {event.kind:<8} {event.data}" for event in events[:_MAX_EVENTS]]
    if len(events) > _MAX_EVENTS:
        st.caption(f"The first {_MAX_EVENTS:,} of {len(events):,} events; the download has all.")
    st.code(redact("\n".join(lines)), language=None, height=420)
    everything = "\n".join(json.dumps([event.at, event.kind, event.data]) for event in events)
    st.download_button("Download events", redact(everything), "events.jsonl", icon=":material/download:")


def _json(value: Any) -> None:
    st.code(redact(json.dumps(_short(value), indent=2, ensure_ascii=False)), language="json", wrap_lines=True)


def _short(value: Any) -> Any:
    """Long data URLs and lists would hide everything else."""
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list):
        more = [f"… and {len(value) - _MAX_ITEMS:,} more"] if len(value) > _MAX_ITEMS else []
        return [*(_short(item) for item in value[:_MAX_ITEMS]), *more]
    if isinstance(value, str) and value.startswith("data:") and len(value) > 200:
        return f"{value[:60]}… ({len(value):,} characters)"
    return value
