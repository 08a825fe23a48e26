"""Many questions at once: expected calls against those that the model requests."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import streamlit as st

from components.session import session
from components.tools.check.results import check_results
from components.tools.check.session import CASES_KEY, REPETITIONS_KEY, CheckSession
from components.tools.settings import LoopOptions
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_dollars
from components.ui.jobs.job_progress import budget_input, progress_text
from components.ui.jobs.unfinished_jobs import unfinished_jobs
from components.ui.markdown_escape import escape_markdown
from components.ui.scroll_into_view import scroll_into_view
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.text import decode_text
from core.runner.work import Budget
from core.tools.check.cases import parse_cases
from core.tools.check.tool_check import MAX_REPETITIONS, ToolCheck
from core.tools.loop.modes import ToolSetup
from core.tools.requests.support import ToolSupport

_KEY = "tools.check"
_POLL_INTERVAL = 0.5
_EXAMPLE = """question,tool,arguments
애플 주가 알려줘,get_stock_price,ticker=AAPL
What is the stock price of Microsoft?,get_stock_price,ticker=MSFT
서울과 파리의 날씨를 비교해 줘.,get_weather,city=서울
,get_weather,city=파리
How is the weather in Paris in celsius?,get_weather,"{""city"": ""Paris"", ""unit"": ""celsius""}"
What is 12 * 34?,calculate,
안녕!,,
"""
_FORMAT = (
    "One row per question: the tool that should be called, and the arguments that matter. No tool: the model "
    "should answer without a call. No arguments: any are fine. A row without a question is one more call of "
    "the question above it, in any order. Arguments are `name=value; name=value` or a JSON object."
)


def check_button() -> None:
    """Draw the button that opens and closes the panel."""
    state = session.session_object(CheckSession)
    st.button(
        "Check",
        icon=":material/checklist:",
        key=f"{_KEY}.open",
        on_click=state.toggle,
        help="Send many questions, and compare the calls that the model requests with the expected ones.",
    )


def check_panel(setups: Sequence[ToolSetup], options: LoopOptions, support: ToolSupport) -> None:
    """Draw the questions, the progress of the check, and its results, if it is open or running."""
    state = session.session_object(CheckSession)
    state.open_job_in_url()
    state.find_runner()
    budget = Budget()
    if state.is_open or state.is_running:
        with st.container(border=True, key=f"{_KEY}.panel"):
            st.markdown(":material/checklist: **Check many questions**")
            st.caption(
                "Sends each question with these tools and compares the requested calls. No tool is called."
            )
            is_possible = bool(options.settings.model) and not options.problem(support, len(setups))
            budget = _check_form(state, setups, options, is_possible)
            if state.is_running:
                _progress()
            elif state.job:
                check_results(state)
                scroll_into_view("tools-check-panel", state.job.id)
    if not state.is_running:
        unfinished_jobs(
            state.unfinished(),
            lambda job: state.resume(replace(job, budget=budget)),
            state.discard,
            f"{_KEY}.jobs",
        )


def _check_form(
    state: CheckSession, setups: Sequence[ToolSetup], options: LoopOptions, is_possible: bool
) -> Budget:
    """Draw the questions and what the check of them needs, start it, and return the budget."""
    questions = _questions_input()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        repetitions = st.number_input(
            "Repetitions",
            1,
            MAX_REPETITIONS,
            key=session.with_default(REPETITIONS_KEY, 3),
            persist_state="session",
            width=130,
        )
        budget = budget_input(f"{_KEY}.budget", in_dollars=session.profile().kind == "openai")
        start = st.container(width="content")
    check: ToolCheck | None = None
    try:
        source = questions if isinstance(questions, str) else decode_text(questions)[0]
        cases = state.cache.get_or_compute("cases", None, source, lambda: parse_cases(source))
        settings = replace(options.settings, stream=False)  # nobody watches the single replies
        definitions = [setup.tool.definition for setup in setups]
        check = ToolCheck(cases, repetitions, settings, definitions)
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")
    if check and is_possible:
        _estimate(state, check)
    with start:
        can_start = check is not None and is_possible and not state.is_running
        if st.button("Run check", key=f"{_KEY}.start", type="primary", disabled=not can_start) and check:
            state.start(check, budget)
            st.rerun()
    return budget


def _questions_input() -> str | bytes:
    """Draw where the questions are entered, and return the text or the content of the file."""
    text = st.text_area(
        "Questions as CSV: question, tool, arguments",
        key=session.with_default(CASES_KEY, _EXAMPLE),
        height=200,
        max_chars=500_000,
        persist_state="session",
    )
    st.caption(_FORMAT)
    file = st.file_uploader("Or a CSV file", type=["csv"], max_upload_size=MAX_UPLOAD_MB, key=f"{_KEY}.file")
    return file.getvalue() if file else text


def _estimate(state: CheckSession, check: ToolCheck) -> None:
    """Draw what *check* needs, and which of its tools are not selected."""
    names = {tool.name for tool in check.tools}
    missing = dict.fromkeys(
        call.tool for case in check.cases for call in case.calls if call.tool not in names
    )
    inputs = (tuple(check.cases), check.repetitions, check.settings, tuple(check.tools))
    estimate = state.cache.get_or_compute("estimate", None, inputs, lambda: check.estimate(datetime.now(UTC)))
    parts = [
        f"{format_count(len(check.cases), 'question')}, {format_count(estimate.requests, 'request')}",
        f"about {estimate.input_tokens:,} input and {estimate.output_tokens:,} output tokens",
        f"about {format_dollars(estimate.cost)} at OpenAI's list price" if estimate.cost else "",
    ]
    st.caption(escape_markdown(" · ".join(filter(None, parts))))
    if missing:
        text = f"Expected but not among the selected tools: {', '.join(missing)[:300]}."
        st.warning(escape_markdown(text), icon=":material/warning:")


@st.fragment(run_every=_POLL_INTERVAL)
def _progress() -> None:
    state = session.session_object(CheckSession)
    if not state.is_running or state.runner is None:
        st.rerun()
        return
    progress = state.runner.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        text = progress_text(progress, state.runner.budget, "requests")
        st.progress(progress.ended / max(progress.total, 1), escape_markdown(text))
        st.button("Stop the check", icon=":material/stop:", on_click=state.stop, key=f"{_KEY}.stop")
