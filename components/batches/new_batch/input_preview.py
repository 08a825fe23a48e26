"""The first requests of a new batch, as they will be sent."""

from typing import Literal, get_args

import orjson
import streamlit as st

from components.batches.new_batch.input_source import InputRequests
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from core.batches.check.raw_lines import raw_lines
from core.batches.draft import BatchDraft
from core.batches.input.template import preview_lines
from core.batches.input.template_file import template_lines
from core.batches.limits import RESPONSES_URL
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.json_values import JsonObject, json_object, json_objects
from core.responses.request import chat_params

_LINES = 3
_MAX_TEXT = 1_500
_View = Literal["Text", "JSON"]


def input_preview(draft: BatchDraft, requests: InputRequests) -> None:
    """Draw the first requests, each as its texts or as its line of the input file."""
    try:
        lines = _first_lines(draft, requests)
    except PlaygroundError as error:
        error_card(explain(error))
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
        of_all = f" of {format_count(requests.count, 'request')}" if requests.count else ""
        st.markdown(
            f"**Preview:** the first {len(lines)}{of_all}" if lines else "**Preview**", width="content"
        )
        view: _View = st.segmented_control(
            "View of the preview",
            list(get_args(_View)),
            default="Text",
            required=True,
            key="batches.preview.view",
            persist_state="session",
            label_visibility="collapsed",
        )
    if not lines:
        st.caption("The first requests appear here.")
    for line in lines:
        with st.container(border=True, gap="xsmall"):
            _draw(line, view)


def _first_lines(draft: BatchDraft, requests: InputRequests) -> list[bytes]:
    """Return the first lines of the input file as they are."""
    if requests.template and requests.source:
        made = template_lines(requests.template, requests.source)
        return [line.to_json() for line in preview_lines(made, _LINES)]
    if draft.upload is None:
        return []
    lines: list[bytes] = []
    for raw in raw_lines(draft.upload.path):
        if not raw.is_blank and not raw.continued:
            lines.append(raw.content)
        if len(lines) == _LINES:
            break
    return lines


def _draw(line: bytes, view: _View) -> None:
    try:
        value = json_object(orjson.loads(line))
    except orjson.JSONDecodeError:
        value = {}
    body = json_object(value.get("body"))
    texts = _texts(chat_params(body) if value.get("url") == RESPONSES_URL else body) if view == "Text" else []
    if value:
        custom_id = str(value.get("custom_id", "without a custom_id"))[:200]
        st.caption(escape_markdown(custom_id))
    for role, text in texts:
        st.markdown(f":small[:gray[{escape_markdown(role)}]]")
        st.text(_shorten(text))
    if not texts:
        shown = orjson.dumps(value, option=orjson.OPT_INDENT_2) if value else line
        st.code(_shorten(shown.decode(errors="replace")), "json", wrap_lines=True)


def _texts(body: JsonObject) -> list[tuple[str, str]]:
    """Return the texts of messages or of an embedding with what they are; none for other requests."""
    messages = json_objects(body.get("messages"))
    if messages and all(isinstance(message.get("content"), str) for message in messages):
        return [(str(message.get("role", ""))[:40], message["content"]) for message in messages]
    return [("input", body["input"])] if isinstance(body.get("input"), str) else []


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"
