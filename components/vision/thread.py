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
from components.ui.snippet_tabs import snippet_options, snippet_tabs
from components.vision.images import AlbumImage
from components.vision.preview import SendOptions
from core.calls import new_run
from core.client.profile import OPENAI_URL
from core.completions.call import ChatCompletionCall
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.images.image import ImageFile
from core.images.tokens import Detail
from core.runs import event_loop
from core.runs.run import Run, RunState
from core.snippets import SnippetOptions
from core.vision import request as vision_request
from core.vision.request import VisionRequest
from core.vision.snippets import INPUT_METHODS, InputMethod, vision_snippets

_KEY = "vision.thread"
_METHOD_DESCRIPTIONS: dict[InputMethod, str] = {
    "base64": "The request contains the images, as on this page.",
    "url": "The API downloads the images. Replace the example URLs by those of your images.",
    "file id": "The images are uploaded once. File IDs work with OpenAI's Responses API.",
}
_DEFAULT_QUESTION = "Describe this image: what kind is it, and which colours stand out?"


@dataclass(frozen=True, slots=True)
class _VisionTurn:
    """A question with a run for each detail; *estimates* are the estimated image tokens of each run.

    *key* identifies the images and how they are sent: images with the same key are sent only once. *earlier*
    are the questions that were sent again before this one, as a model does not remember them.
    """

    key: tuple[object, ...]
    request: VisionRequest
    details: tuple[Detail, ...]
    run_ids: tuple[str, ...]
    estimates: tuple[int, ...]
    earlier: tuple[VisionRequest, ...] = ()

    @property
    def is_comparison(self) -> bool:
        return len(self.details) > 1

    @property
    def image_names(self) -> tuple[str, ...]:
        """The names of the files that were sent, in the order of the request."""
        images = [image for request in (*self.earlier, self.request) for image in request.images]
        return tuple(image.name for image in images if isinstance(image, ImageFile))


@dataclass(slots=True, eq=False)
class _VisionThread:
    """The turns of a session."""

    turns: list[_VisionTurn] = field(default_factory=list)
    error: PlaygroundError | None = None

    def current_runs(self) -> dict[str, Run]:
        run_ids = [run_id for turn in self.turns for run_id in turn.run_ids]
        return session.live_session().calls.current_runs(run_ids)

    def history(self) -> list[tuple[_VisionTurn, list[dict[str, Any]]]]:
        """Return the turns that the next question continues, with their messages.

        A turn without an answer is not part of it, so its images are sent again. Neither is a comparison: it
        has two answers to the same question.
        """
        runs = self.current_runs()
        turns = [turn for turn in self.turns if not turn.is_comparison]
        history = [
            (turn, vision_request.history_messages(turn.request, runs.get(turn.run_ids[0]))) for turn in turns
        ]
        return [(turn, messages) for turn, messages in history if messages]

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
                help="Sends the question and the selected images with both details at the same time, "
                "without the earlier messages.",
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
    history = [] if len(details) > 1 else thread.history()
    earlier = tuple(turn.request for turn, _messages in history)
    is_sent = any(turn.key == key and turn.request.images for turn, _messages in history)
    sources = () if is_sent else tuple(image.source for image in images)
    requests = [VisionRequest(text, sources, detail, options.max_side) for detail in details]
    run_ids, estimates = [], []
    profile, now = session.profile(), datetime.now(UTC)
    earlier_messages = [message for _turn, messages in history for message in messages]
    for request in requests:
        params = settings.request_params(vision_request.build_messages(earlier_messages, request))
        run = new_run("vision", ChatCompletionCall.endpoint, params, profile)
        event_loop.run_until_complete(session.live_session().calls.start(run, ChatCompletionCall(), profile))
        run_ids.append(run.id)
        estimates.append(vision_request.estimate_requests((*earlier, request), settings.model, now))
    turn = _VisionTurn(key, requests[-1], details, tuple(run_ids), tuple(estimates), earlier)
    thread.turns.append(turn)


def answers() -> None:
    """Draw the thread, the newest turn first: below the question, where it is in view."""
    thread = session.session_object(_VisionThread)
    if not thread.turns:
        return
    if earlier := [turn.request for turn, _messages in thread.history()]:
        st.caption(f"The next question also sends {_describe_earlier(earlier)}.")
    runs = thread.current_runs()
    for turn in reversed(thread.turns):
        _draw_turn(turn, runs)
    st.button("New thread", icon=":material/restart_alt:", key=f"{_KEY}.new", on_click=thread.clear)


def _describe_earlier(requests: Sequence[VisionRequest]) -> str:
    images = sum(len(request.images) for request in requests)
    questions = "the earlier question" if len(requests) == 1 else f"{len(requests)} earlier questions"
    answers = "its answer" if len(requests) == 1 else "their answers"
    if not images:
        return f"{questions} and {answers}"
    return f"{questions}, {answers} and {images} image{'s' if images > 1 else ''} again"


def _stop_run(run_id: str) -> None:
    event_loop.run_until_complete(session.live_session().calls.stop(run_id))


def _draw_turn(turn: _VisionTurn, runs: dict[str, Run]) -> None:
    number = len(turn.request.images)
    parts = [
        f"Detail: {' and '.join(turn.details)}" if number else "",
        f"{number} image{'s' if number > 1 else ''}" if number else "",
        "not part of the thread" if turn.is_comparison else "",
        f"sent with {_describe_earlier(turn.earlier)}" if turn.earlier else "",
    ]
    with st.container(border=True, gap="xsmall"):
        st.markdown(f":material/person: {escape_markdown(turn.request.text)}")
        st.caption(" · ".join(filter(None, parts)))
        columns = st.columns(len(turn.run_ids))
        rows = zip(columns, turn.run_ids, turn.details, turn.estimates, strict=True)
        for column, run_id, detail, estimate in rows:
            with column:
                if len(turn.run_ids) > 1:
                    st.badge(detail, color="gray")
                _draw_run(run_id, runs.get(run_id), estimate, turn)


def _draw_run(run_id: str, run: Run | None, estimate: int, turn: _VisionTurn) -> None:
    is_ended = run is not None and run.state is not RunState.RUNNING
    is_first = run_id == turn.run_ids[0]
    event = live.run_view(run_id, f"{_KEY}.run.{run_id}", is_ended, scroll_into_view=is_first)
    if event.inspect:
        run_inspector.show(event.inspect, turn.image_names)
    if run is None:
        return
    if run.state is RunState.RUNNING:
        key = f"{_KEY}.stop.{run_id}"
        st.button("Stop", icon=":material/stop_circle:", key=key, on_click=_stop_run, args=(run_id,))
    # A conversation without images has no estimate.
    elif estimate and run.usage:
        cost, billed = run.cost, run.usage.image_tokens
        amount = f" · {format_dollars(cost.list_amount)} at list price" if cost and cost.list_amount else ""
        difference = billed - estimate
        if not billed:
            text = f"estimated {estimate:,} tokens; the server did not report image tokens"
        elif difference:
            percent = 100 * difference / estimate
            text = f"estimated {estimate:,}, billed {billed:,} tokens, {difference:+,} ({percent:+.1f} %)"
        else:
            text = f"estimated {estimate:,}, billed {billed:,} tokens, as estimated"
        st.caption(f"Images: {text}{amount}.")


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
    names = [image.name for image in request.images if isinstance(image, ImageFile)]
    own_server = snippet_options(session.profile().base_url, names)
    # The sandbox has neither files nor responses.
    files_server = SnippetOptions(OPENAI_URL, image_names=tuple(names)) if own_server.api_key else own_server
    for tab, method in zip(st.tabs(["Base64", "URL", "File ID"]), INPUT_METHODS, strict=True):
        options = files_server if method == "file id" else own_server
        with tab:
            st.caption(_METHOD_DESCRIPTIONS[method])
            snippet_tabs(vision_snippets(params, options, method), options, f"{_KEY}.code.{method}")
