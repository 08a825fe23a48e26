"""Questions about the images, their answers side by side, and what they took."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from components import live
from components.session import session
from components.ui import run_inspector
from components.ui.error_card import error_card
from components.ui.formatting import format_dollars
from components.ui.markdown_escape import escape_markdown
from components.vision.images import AlbumImage
from components.vision.preview import SendOptions
from core.calls import new_run
from core.chat.completion import ChatCompletionCall
from core.chat.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.images.tokens import Detail
from core.runs.run import Run, RunState
from core.vision import request as vision_request
from core.vision.request import VisionRequest
from core.vision.snippets import INPUT_METHODS, vision_snippet

_KEY = "vision.ask"
_FIRST = "Describe this image: what kind is it, and which colours stand out?"


@dataclass(frozen=True, slots=True)
class _VisionTurn:
    """A question and its runs, one for each detail; *estimates* are the image tokens foreseen for each.

    *key* says which images it is about, and how they go along; those of the same key are sent once.
    """

    key: tuple[object, ...]
    request: VisionRequest
    details: tuple[Detail, ...]
    runs: tuple[str, ...]
    estimates: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _VisionThread:
    """The questions so far."""

    turns: list[_VisionTurn] = field(default_factory=list)
    error: PlaygroundError | None = None


def question_form(items: Sequence[AlbumImage], model: str, sending: SendOptions, stream: bool) -> None:
    """Draw the box to ask in, and ask when a button is pressed."""
    thread = session.session_object(_VisionThread)
    both = vision_request.details_to_compare(model)
    with st.form(f"{_KEY}.form", border=False):
        text = st.text_area(
            "Question",
            value=_FIRST,
            key=f"{_KEY}.text",
            height=68,
            max_chars=20_000,
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            ready = bool(items) or bool(thread.turns)
            ask = st.form_submit_button("Ask", type="primary", icon=":material/send:", disabled=not ready)
            compare = st.form_submit_button(
                "Compare low and high",
                icon=":material/compare:",
                disabled=not items or len(both) < 2,
                help="The same question at both details, at once.",
            )
    details: tuple[Detail, ...] = both if compare else (sending.detail,)
    if ask or compare:
        _begin(
            thread, items, VisionRequest(text, (), sending.detail, sending.max_side), details, (model, stream)
        )
    if thread.error:
        error_card(explain(thread.error), icon=":material/block:")


def _begin(
    thread: _VisionThread,
    items: Sequence[AlbumImage],
    asked: VisionRequest,
    details: tuple[Detail, ...],
    how: tuple[str, bool],
) -> None:
    model, stream = how
    thread.error = None
    key = (tuple(map(_as_sent, items)), asked.detail, asked.max_side)
    try:
        told = _told(thread)
        new = len(details) > 1 or not any(turn.key == key and turn.request.images for turn, _ in told)
        sources = tuple(item.source for item in items) if new else ()
        requests = [VisionRequest(asked.text, sources, detail, asked.max_side) for detail in details]
        history = [message for _, messages in told for message in messages]
        runs = [_start(history, request, model, stream) for request in requests]
    except PlaygroundError as refusal:
        thread.error = refusal
        return
    estimates = tuple(_foreseen(request, model) for request in requests)
    thread.turns.append(_VisionTurn(key, requests[-1], details, tuple(runs), estimates))


def _as_sent(item: AlbumImage) -> tuple[str, bool]:
    return item.id, bool(item.file and item.file.includes_metadata)


def _start(history: list[dict[str, Any]], request: VisionRequest, model: str, stream: bool) -> str:
    """Start the call in the background and return the id of its run."""
    messages = vision_request.build_messages(history, request)
    params = ChatSettings(model=model, stream=stream).request_params(messages)
    profile = session.profile()
    run = new_run("vision", ChatCompletionCall.endpoint, params, profile)
    session.run_async(session.live_session().calls.start(run, ChatCompletionCall(), profile))
    return run.id


def _foreseen(request: VisionRequest, model: str) -> int:
    sizes = [vision_request.sent_size(source, request.max_side) for source in request.images]
    return vision_request.estimate(sizes, model, request.detail, datetime.now(UTC)).tokens


def _told(thread: _VisionThread) -> list[tuple[_VisionTurn, list[dict[str, Any]]]]:
    """The turns that were answered, with their messages: nothing of the others is sent again."""
    known = session.live_session().calls.current_runs([run for turn in thread.turns for run in turn.runs])
    told = (
        (
            turn,
            vision_request.history_messages(turn.request, [known[run] for run in turn.runs if run in known]),
        )
        for turn in thread.turns
    )
    return [(turn, messages) for turn, messages in told if messages]


def answers() -> None:
    """Draw the thread, the newest question last."""
    thread = session.session_object(_VisionThread)
    if not thread.turns:
        return
    known = session.live_session().calls.current_runs([run for turn in thread.turns for run in turn.runs])
    for turn in thread.turns:
        _draw(turn, known)
    with st.container(horizontal=True):
        st.button(
            "New thread", icon=":material/restart_alt:", key=f"{_KEY}.new", on_click=_forget, args=(thread,)
        )
    st.caption("The next question follows on from these. Images that were sent stay in the thread.")


def _forget(thread: _VisionThread) -> None:
    for run in [run for turn in thread.turns for run in turn.runs]:
        _stop(run)
    thread.turns, thread.error = [], None


def _stop(run_id: str) -> None:
    session.run_async(session.live_session().calls.stop(run_id))


def _draw(turn: _VisionTurn, known: dict[str, Run]) -> None:
    number = len(turn.request.images)
    sent = f" · {number} image{'s' if number > 1 else ''}" if number else ""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/person: {escape_markdown(turn.request.text)}")
        st.caption(f"detail {' and '.join(turn.details)}{sent}")
        columns = st.columns(len(turn.runs))
        for place, run_id in enumerate(turn.runs):
            with columns[place]:
                if len(turn.runs) > 1:
                    st.badge(turn.details[place], color="gray")
                _answer(run_id, known.get(run_id), turn.estimates[place])


def _answer(run_id: str, run: Run | None, estimate: int) -> None:
    over = run is not None and run.state is not RunState.RUNNING
    event = live.run_view(run_id, key=f"{_KEY}.job.{run_id}", over=over)
    if event.inspect:
        run_inspector.show(event.inspect)
    if run is None:
        return
    if run.state is RunState.RUNNING:
        st.button(
            "Stop", icon=":material/stop_circle:", key=f"{_KEY}.stop.{run_id}", on_click=_stop, args=(run_id,)
        )
    elif estimate and run.usage:
        st.caption(_compared(run, estimate))


def _compared(run: Run, estimate: int) -> str:
    """Hold the estimate against the bill."""
    assert run.usage
    billed = run.usage.image_tokens
    cost = (
        f" · {format_dollars(run.cost.list_amount)} at list price"
        if run.cost and run.cost.list_amount
        else ""
    )
    if not billed:
        return f"Images: estimated {estimate:,} tokens; the server did not say what it billed for them.{cost}"
    off = billed - estimate
    verdict = "as estimated" if not off else f"{off:+,} ({100 * off / estimate:+.1f} %)"
    return f"Images: estimated {estimate:,}, billed {billed:,} tokens, {verdict}.{cost}"


def code_button(items: Sequence[AlbumImage], model: str, sending: SendOptions, stream: bool) -> None:
    """Draw "Code", which opens the call as it would be made."""
    if st.button("Code", icon=":material/code:", disabled=not items, key=f"{_KEY}.code"):
        text = str(session.widget_value(f"{_KEY}.text") or _FIRST)
        sources = tuple(item.source for item in items)
        _code(VisionRequest(text, sources, sending.detail, sending.max_side), model, stream)


@st.dialog("The question as code", width="large", icon=":material/code:")
def _code(request: VisionRequest, model: str, stream: bool) -> None:
    try:
        params = ChatSettings(model=model, stream=stream).request_params([request.message()])
    except PlaygroundError as refusal:
        error_card(explain(refusal), icon=":material/block:")
        return
    st.caption(
        "An image travels as base64 in the request, as a URL that the API fetches, or as an uploaded file."
    )
    for tab, travel in zip(st.tabs(["Base64", "URL", "File id"]), INPUT_METHODS, strict=True):
        with tab:
            snippet = vision_snippet(params, session.profile().base_url, travel)
            st.code(snippet.source, language=snippet.language, wrap_lines=True)
    st.caption("This page sends files as base64 and URLs as they are. File ids work with the Responses API.")
