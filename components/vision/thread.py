"""Questions about the images, with their answers side by side and the tokens they took."""

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
from core.runs import event_loop
from core.runs.run import Run, RunState
from core.vision import request as vision_request
from core.vision.request import VisionRequest
from core.vision.snippets import INPUT_METHODS, vision_snippet

_KEY = "vision.thread"
_DEFAULT_QUESTION = "Describe this image: what kind is it, and which colours stand out?"


@dataclass(frozen=True, slots=True)
class _VisionTurn:
    """A question with a run for each detail; *estimates* are the estimated image tokens of each run.

    *key* identifies the images and how they are sent: images with the same key are sent only once.
    """

    key: tuple[object, ...]
    request: VisionRequest
    details: tuple[Detail, ...]
    run_ids: tuple[str, ...]
    estimates: tuple[int, ...]


@dataclass(slots=True, eq=False)
class _VisionThread:
    """The turns of a session."""

    turns: list[_VisionTurn] = field(default_factory=list)
    error: PlaygroundError | None = None

    def current_runs(self) -> dict[str, Run]:
        run_ids = [run_id for turn in self.turns for run_id in turn.run_ids]
        return session.live_session().calls.current_runs(run_ids)

    def clear(self) -> None:
        """Stop what is still running and forget all turns."""
        for turn in self.turns:
            for run_id in turn.run_ids:
                _stop_run(run_id)
        self.turns, self.error = [], None


def question_form(images: Sequence[AlbumImage], model: str, options: SendOptions, stream: bool) -> None:
    """Draw the question with its buttons, and send it if one was clicked."""
    thread = session.session_object(_VisionThread)
    compared = vision_request.details_to_compare(model)
    with st.form(f"{_KEY}.form", border=False):
        text = st.text_area(
            "Question",
            value=_DEFAULT_QUESTION,
            key=f"{_KEY}.text",
            height=68,
            max_chars=20_000,
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            # A follow-up question needs no image.
            is_ready = bool(images or thread.turns)
            ask = st.form_submit_button("Ask", type="primary", icon=":material/send:", disabled=not is_ready)
            compare = st.form_submit_button(
                "Compare low and high",
                icon=":material/compare:",
                disabled=not images or len(compared) < 2,
                help="Sends the same question with both details at the same time.",
            )
    if ask or compare:
        details: tuple[Detail, ...] = compared if compare else (options.detail,)
        thread.error = None
        try:
            _start_turn(thread, images, text, options, details, ChatSettings(model=model, stream=stream))
        except PlaygroundError as error:
            thread.error = error
    if thread.error:
        error_card(explain(thread.error), icon=":material/block:")


def _start_turn(
    thread: _VisionThread,
    images: Sequence[AlbumImage],
    text: str,
    options: SendOptions,
    details: tuple[Detail, ...],
    settings: ChatSettings,
) -> None:
    """Start a run for each of *details*. Raises PlaygroundError if the request is invalid."""
    metadata_flags = ((image.id, bool(image.file and image.file.includes_metadata)) for image in images)
    key = (tuple(metadata_flags), options.detail, options.max_side)
    runs = thread.current_runs()
    history: list[dict[str, Any]] = []
    is_sent = False
    for turn in thread.turns:
        turn_runs = [runs[run_id] for run_id in turn.run_ids if run_id in runs]
        # A turn without an answer is not part of the history, so its images are sent again.
        if messages := vision_request.history_messages(turn.request, turn_runs):
            history += messages
            is_sent = is_sent or bool(turn.key == key and turn.request.images)
    # A comparison always sends the images: each run needs them with its own detail.
    sources = () if is_sent and len(details) == 1 else tuple(image.source for image in images)
    requests = [VisionRequest(text, sources, detail, options.max_side) for detail in details]
    run_ids, estimates = [], []
    profile = session.profile()
    sizes = [vision_request.sent_size(source, options.max_side) for source in sources]
    for request in requests:
        params = settings.request_params(vision_request.build_messages(history, request))
        run = new_run("vision", ChatCompletionCall.endpoint, params, profile)
        event_loop.run_until_complete(session.live_session().calls.start(run, ChatCompletionCall(), profile))
        run_ids.append(run.id)
        cost = vision_request.estimate(sizes, settings.model, request.detail, datetime.now(UTC))
        estimates.append(cost.tokens)
    thread.turns.append(_VisionTurn(key, requests[-1], details, tuple(run_ids), tuple(estimates)))


def answers() -> None:
    """Draw the thread, the newest turn last."""
    thread = session.session_object(_VisionThread)
    if not thread.turns:
        return
    runs = thread.current_runs()
    for turn in thread.turns:
        _draw_turn(turn, runs)
    with st.container(horizontal=True):
        st.button(
            "New thread",
            icon=":material/restart_alt:",
            key=f"{_KEY}.new",
            on_click=thread.clear,
        )
    st.caption("The next question continues this thread, with the images that were already sent.")


def _stop_run(run_id: str) -> None:
    event_loop.run_until_complete(session.live_session().calls.stop(run_id))


def _draw_turn(turn: _VisionTurn, runs: dict[str, Run]) -> None:
    number = len(turn.request.images)
    image_count = f" · {number} image{'s' if number > 1 else ''}" if number else ""
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/person: {escape_markdown(turn.request.text)}")
        st.caption(f"Detail: {' and '.join(turn.details)}{image_count}")
        columns = st.columns(len(turn.run_ids))
        rows = zip(columns, turn.run_ids, turn.details, turn.estimates, strict=True)
        for column, run_id, detail, estimate in rows:
            with column:
                if len(turn.run_ids) > 1:
                    st.badge(detail, color="gray")
                _draw_run(run_id, runs.get(run_id), estimate)


def _draw_run(run_id: str, run: Run | None, estimate: int) -> None:
    is_ended = run is not None and run.state is not RunState.RUNNING
    event = live.run_view(run_id, key=f"{_KEY}.run.{run_id}", is_ended=is_ended)
    if event.inspect:
        run_inspector.show(event.inspect)
    if run is None:
        return
    if run.state is RunState.RUNNING:
        key = f"{_KEY}.stop.{run_id}"
        st.button("Stop", icon=":material/stop_circle:", key=key, on_click=_stop_run, args=(run_id,))
    # A question without images has no estimate.
    elif estimate and run.usage:
        cost, billed = run.cost, run.usage.image_tokens
        amount = f" · {format_dollars(cost.list_amount)} at list price" if cost and cost.list_amount else ""
        difference = billed - estimate
        if not billed:
            text = f"estimated {estimate:,} tokens; the server did not report image tokens."
        elif difference:
            percent = 100 * difference / estimate
            text = f"estimated {estimate:,}, billed {billed:,} tokens, {difference:+,} ({percent:+.1f} %)."
        else:
            text = f"estimated {estimate:,}, billed {billed:,} tokens, as estimated."
        st.caption(f"Images: {text}{amount}")


def code_button(images: Sequence[AlbumImage], model: str, options: SendOptions, stream: bool) -> None:
    """Draw the button that shows the request as code."""
    if st.button("Code", icon=":material/code:", disabled=not images, key=f"{_KEY}.code"):
        text = str(session.widget_value(f"{_KEY}.text") or _DEFAULT_QUESTION)
        sources = tuple(image.source for image in images)
        request = VisionRequest(text, sources, options.detail, options.max_side)
        _code_dialog(request, ChatSettings(model=model, stream=stream))


@st.dialog("Code for this question", width="large", icon=":material/code:")
def _code_dialog(request: VisionRequest, settings: ChatSettings) -> None:
    try:
        params = settings.request_params([request.message()])
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
        return
    st.caption(
        "Images can be sent as base64 in the request, as URLs that the API downloads, or as uploaded files."
    )
    for tab, method in zip(st.tabs(["Base64", "URL", "File ID"]), INPUT_METHODS, strict=True):
        with tab:
            snippet = vision_snippet(params, session.profile().base_url, method)
            st.code(snippet.source, language=snippet.language, wrap_lines=True)
    st.caption("This page sends files as base64 and URLs unchanged. File IDs work with the Responses API.")
