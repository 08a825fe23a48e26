"""Questions about the images, with their answers side by side and the tokens they took."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import streamlit as st

from components import live
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_bytes, format_dollars
from components.ui.inspector import run_inspector
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from components.ui.markdown_escape import escape_markdown
from components.vision.images import AlbumImage
from components.vision.preview import SendOptions
from core.apis import api_of
from core.completions.request import ChatSettings
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.images.tokens import Detail
from core.pricing.usage import Usage
from core.runs import event_loop
from core.runs.run import Run, RunState
from core.vision import request as vision_request
from core.vision.request import VisionRequest
from core.vision.snippets import INPUT_METHODS, InputMethod, vision_snippets
from core.vision.thread import PreparedRun, VisionThread, VisionTurn, continues_response

_KEY = "vision.thread"
_METHOD_DESCRIPTIONS: dict[InputMethod, str] = {
    "base64": "The request contains the images, as on this page.",
    "url": "The API downloads the images. Replace the example URLs by those of your images.",
    "file id": "The images are uploaded once. Only the Responses API accepts file IDs of images.",
}
_DEFAULT_QUESTION = "Describe this image: what kind is it, and which colours stand out?"


@dataclass(slots=True, eq=False)
class _SessionThread:
    """The thread of a session, why its last question could not be sent, and the runs that were drawn."""

    thread: VisionThread = field(default_factory=VisionThread)
    error: PlaygroundError | None = None
    drawn: set[str] = field(default_factory=set)

    def clear(self) -> None:
        event_loop.run_until_complete(self.thread.clear(session.live_session().calls))
        self.error = None
        self.drawn.clear()


def question_form(images: Sequence[AlbumImage], options: SendOptions, settings: ChatSettings) -> None:
    """Draw the question with its buttons, and send it if one was clicked."""
    state = session.session_object(_SessionThread)
    thread = state.thread
    compared = vision_request.details_to_compare(settings.model)
    with st.form(f"{_KEY}.form", border=False):
        text = st.text_area(
            "Question",
            value=_DEFAULT_QUESTION,
            key=f"{_KEY}.text",
            height=68,
            max_chars=20_000,
            persist_state="session",
        )
        ask, compare = _buttons(thread, images, is_comparable=len(compared) > 1)
    if ask or compare:
        details: tuple[Detail, ...] = compared if compare else (options.detail,)
        state.error = None
        try:
            turn, runs = _prepare_turn(thread, text, images, options, settings, details)
            calls = session.live_session().calls
            event_loop.run_until_complete(thread.start(calls, turn, runs, session.profile()))
        except PlaygroundError as error:
            state.error = error
    if state.error:
        error_card(explain(state.error), icon=":material/block:")


def _buttons(thread: VisionThread, images: Sequence[AlbumImage], *, is_comparable: bool) -> tuple[bool, bool]:
    """Draw the buttons, and return whether to ask and whether to compare the details."""
    # A follow-up question needs no image, but it continues no half answer.
    is_ready, is_running = bool(images or thread.turns), thread.is_running(session.live_session().calls)
    with st.container(horizontal=True, vertical_alignment="center"):
        ask = st.form_submit_button(
            "Ask", type="primary", icon=":material/send:", disabled=not is_ready or is_running
        )
        compare = st.form_submit_button(
            "Compare low and high",
            icon=":material/compare:",
            disabled=not images or not is_comparable,
            help="Sends the question and the selected images with both details at the same time, "
            "without the earlier messages.",
        )
    # The second click of a double click comes while the first question is being answered.
    return ask and not is_running, compare


def _prepare_turn(
    thread: VisionThread,
    text: str,
    images: Sequence[AlbumImage],
    options: SendOptions,
    settings: ChatSettings,
    details: tuple[Detail, ...],
) -> tuple[VisionTurn, list[PreparedRun]]:
    """Return the turn with a run for each of *details*. Raises PlaygroundError if the request is invalid."""
    sources = tuple(image.source for image in images)
    request = VisionRequest(text, sources, options.detail, options.max_side)
    images_key = tuple((image.id, bool(image.file and image.file.includes_metadata)) for image in images)
    current_runs = thread.current_runs(session.live_session().calls)
    return thread.prepare(request, details, images_key, settings, session.profile(), current_runs)


def show_run(run: Run, request: VisionRequest, images_key: Hashable) -> None:
    """Show an earlier run as the only turn of the thread, without estimates. Call it before all widgets."""
    state = session.session_object(_SessionThread)
    state.clear()
    key = (images_key, request.detail, request.max_side)
    state.thread.turns.append(VisionTurn(key, request, (request.detail,), (run.id,), (0,), 0))
    session.set_widget_value(f"{_KEY}.text", request.text)


def answers(settings: ChatSettings) -> None:
    """Draw the thread, the newest turn first: below the question, where it is in view."""
    state = session.session_object(_SessionThread)
    thread = state.thread
    if not thread.turns:
        return
    runs = thread.current_runs(session.live_session().calls)
    continuation = thread.continuation(settings, session.profile(), runs)
    if continuation.response_id:
        stored = _describe_earlier(continuation.requests)
        st.caption(f"The next question continues the stored response: {stored} are billed, but not sent.")
    elif continuation.turns:
        st.caption(f"The next question also sends {_describe_earlier(continuation.requests)} again.")
    for turn in reversed(thread.turns):
        _draw_turn(turn, runs, state.drawn)
    st.button("New thread", icon=":material/restart_alt:", key=f"{_KEY}.new", on_click=state.clear)


def _describe_earlier(requests: Sequence[VisionRequest]) -> str:
    images = sum(len(request.images) for request in requests)
    questions = "the earlier question" if len(requests) == 1 else f"{len(requests)} earlier questions"
    answers = "its answer" if len(requests) == 1 else "their answers"
    if not images:
        return f"{questions} and {answers}"
    return f"{questions}, {answers} and {images} image{'s' if images > 1 else ''}"


def _describe_sent(turn: VisionTurn, run: Run | None) -> str:
    """Return how *run* has sent the questions before it, and how large that makes its request."""
    earlier = _describe_earlier(turn.earlier)
    if run is None:
        return f"sent with {earlier}"
    if continues_response(run):
        size = format_bytes(turn.sizes.sent)
        return f"continues the stored response, without sending {earlier} again · request of {size}"
    return f"sent with {earlier} again · request of {format_bytes(turn.sizes.whole)}"


def _stop_run(run_id: str) -> None:
    event_loop.run_until_complete(session.live_session().calls.stop(run_id))


def _draw_turn(turn: VisionTurn, runs: dict[str, Run], drawn: set[str]) -> None:
    number, first_run = len(turn.request.images), runs.get(turn.run_ids[0])
    parts = [
        api_of(first_run.endpoint).label if first_run else "",
        f"Detail: {' and '.join(turn.details)}" if number else "",
        f"{number} image{'s' if number > 1 else ''}" if number else "",
        "not part of the thread" if turn.is_comparison else "",
        _describe_sent(turn, first_run) if turn.earlier else "",
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
                run = runs.get(run_id)
                _draw_run(run_id, run, turn, drawn)
                # A conversation without images has no estimate.
                if estimate and run and run.state is not RunState.RUNNING and run.usage:
                    _draw_billed_tokens(run, run.usage, estimate, turn.text_estimate)


def _draw_run(run_id: str, run: Run | None, turn: VisionTurn, drawn: set[str]) -> None:
    # A reply that has ended before it was drawn is brought into view, too.
    is_ended = run is not None and run.state is not RunState.RUNNING and run_id in drawn
    drawn.add(run_id)
    is_first = run_id == turn.run_ids[0]
    event = live.run_view(run_id, f"{_KEY}.run.{run_id}", is_ended, scroll_into_view=is_first)
    if event.inspect and run:
        run_inspector.show(event.inspect, turn.image_names(run))
    if run and run.state is RunState.RUNNING:
        key = f"{_KEY}.stop.{run_id}"
        st.button("Stop", icon=":material/stop_circle:", key=key, on_click=_stop_run, args=(run_id,))


def _draw_billed_tokens(run: Run, usage: Usage, image_estimate: int, text_estimate: int) -> None:
    """Compare the estimate with the usage, in which the Responses API does not list the images."""
    if usage.image_tokens:
        label, estimate, billed = "Images", image_estimate, usage.image_tokens
    else:
        label = "Images and text, which the usage does not list separately"
        estimate, billed = image_estimate + text_estimate, usage.input_tokens
    difference = billed - estimate
    comparison = f"{difference:+,} ({100 * difference / estimate:+.1f} %)" if difference else "as estimated"
    cost = run.cost and run.cost.list_amount
    amount = f" · {format_dollars(cost)} at list price" if cost else ""
    st.caption(f"{label}: estimated {estimate:,}, billed {billed:,} tokens, {comparison}{amount}.")


def code_button(images: Sequence[AlbumImage], options: SendOptions, settings: ChatSettings) -> None:
    """Draw the button that shows the next request as code."""
    thread = session.session_object(_SessionThread).thread
    is_ready = bool(images or thread.turns)
    if st.button("Code", icon=":material/code:", disabled=not is_ready, key=f"{_KEY}.code"):
        text = str(session.widget_value(f"{_KEY}.text") or _DEFAULT_QUESTION)
        _code_dialog(text, images, options, settings)


@st.dialog("Code for this question", width="large", icon=":material/code:")
def _code_dialog(
    text: str, images: Sequence[AlbumImage], options: SendOptions, settings: ChatSettings
) -> None:
    thread = session.session_object(_SessionThread).thread
    try:
        turn, (prepared,) = _prepare_turn(thread, text, images, options, settings, (options.detail,))
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
        return
    run = prepared.run
    code_options = snippet_options(session.profile().base_url, turn.image_names(run))
    for tab, method in zip(st.tabs(["Base64", "URL", "File ID"]), INPUT_METHODS, strict=True):
        with tab:
            st.caption(_METHOD_DESCRIPTIONS[method])
            snippets = vision_snippets(run.params, settings.api, code_options, method)
            snippet_tabs(snippets, code_options, f"{_KEY}.code.{method}")
