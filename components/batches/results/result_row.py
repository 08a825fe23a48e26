"""One result with its request, as code, and opened in Chat."""

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from components.session import session
from components.session.chat_handover import open_in_chat
from components.ui.formatting import format_dollars
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from components.ui.markdown_escape import escape_markdown
from core.apis import APIS
from core.batches.batch import BatchRecord
from core.batches.limits import EMBEDDINGS_URL, api_of_url
from core.batches.results.input_lines import input_text
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultRow
from core.completions.chat_start import chat_start
from core.redaction import redact

_MAX_TEXT = 20_000


def result_row(record: BatchRecord, row: ResultRow, body: Mapping[str, Any]) -> None:
    """Draw a result, and *body*, its request, which is empty if the input file was deleted."""
    with st.container(border=True, key="batches-result"):
        facts = [f"line {row.number:,}", row.state.value]
        if row.status_code:
            facts.append(f"HTTP {row.status_code}")
        if row.usage:
            facts.append(f"{row.usage.input_tokens:,} input and {row.usage.output_tokens:,} output tokens")
        if row.cost:
            facts.append(f"{format_dollars(row.cost)} list price")
        st.markdown(f"**{escape_markdown(row.custom_id)}** :small[{escape_markdown(' · '.join(facts))}]")
        request, reply = st.columns(2)
        with request:
            st.caption("Request")
            st.text(input_text(body)[:_MAX_TEXT] or "The input file is no longer here.")
        with reply:
            has_reply = row.state is ResultState.SUCCEEDED
            st.caption("Reply" if has_reply else "Error")
            if has_reply:
                _reply(row)
            if row.error_code:
                st.markdown(f"**{escape_markdown(row.error_code)}** {escape_markdown(row.error_message)}")
        if body:
            _request_actions(record, row, body)


def _reply(row: ResultRow) -> None:
    if row.parsed is not None:
        st.code(redact(json.dumps(row.parsed, indent=2, ensure_ascii=False)[:_MAX_TEXT]), language="json")
    else:
        st.text(row.text[:_MAX_TEXT])


def _request_actions(record: BatchRecord, row: ResultRow, body: Mapping[str, Any]) -> None:
    name = api_of_url(record.endpoint)
    api = APIS[name] if name else None
    with st.container(horizontal=True, gap="xsmall"):
        if api and st.button(
            "Open in Chat",
            icon=":material/forum:",
            key=f"batches.chat.{record.id}.{row.number}",
            help="Opens a new conversation with the messages and parameters. Nothing is sent.",
        ):
            start = chat_start(api.chat_params(dict(body)), api.name)
            open_in_chat(start, f"{record.title}: {row.custom_id}")
    method = api.endpoint if api else "embeddings.create" if record.endpoint == EMBEDDINGS_URL else ""
    code, request = st.tabs(["Code", "Request"]) if method else (None, st.container())
    if code and method:
        # Late, because the writers of code take long to import.
        from core.endpoints import get_endpoint

        with code:
            options = snippet_options(session.profile().base_url)
            snippet_tabs(get_endpoint(method).write_snippets(dict(body), options), options, "batches.code")
    with request:
        text = json.dumps(body, indent=2, ensure_ascii=False)
        st.code(redact(text[:_MAX_TEXT]), language="json", wrap_lines=True)
