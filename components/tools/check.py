"""Many questions at once: expected calls against those that the model requests."""

from collections.abc import Sequence

import streamlit as st

from components.session import session
from components.tools.check_session import CheckSession
from components.tools.settings import LoopOptions
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from components.ui.unfinished_jobs import unfinished_jobs
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.text import decode_text
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.check import MAX_REPETITIONS, ToolCheck, parse_cases, result_rows
from core.tools.modes import ToolSetup
from core.tools.support import ToolSupport

_KEY = "tools.check"
_POLL_INTERVAL = 0.5
_EXAMPLE = """question,tool,arguments
애플 주가 알려줘,get_stock_price,"{""ticker"": ""AAPL""}"
What is the stock price of Microsoft?,get_stock_price,"{""ticker"": ""MSFT""}"
서울 날씨 어때?,get_weather,"{""city"": ""서울""}"
How is the weather in Paris?,get_weather,"{""city"": ""Paris""}"
What is 12 * 34?,calculate,
What time is it in Asia/Seoul?,get_current_time,
안녕!,,
"""


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
    state.find_runner()
    if state.is_open or state.is_running:
        with st.container(border=True, key=f"{_KEY}.panel"):
            st.markdown(":material/checklist: **Check many questions**")
            st.caption(
                "Sends each question with these tools and compares the requested calls. No tool is called."
            )
            _check_form(state, setups, options, support)
            if state.is_running:
                _progress()
            elif state.runner:
                _results(state)
    if not state.is_running:
        unfinished_jobs(state.unfinished(), state.resume, state.discard, f"{_KEY}.jobs")


def _check_form(
    state: CheckSession, setups: Sequence[ToolSetup], options: LoopOptions, support: ToolSupport
) -> None:
    """Draw the questions, and start the check."""
    is_blocked = state.is_running or bool(options.problem(support, len(setups))) or not options.settings.model
    with st.form(f"{_KEY}.form", border=False):
        text = st.text_area(
            "Questions as CSV: question, tool, arguments",
            _EXAMPLE,
            height=200,
            max_chars=500_000,
            key=f"{_KEY}.cases",
            persist_state="session",
        )
        file = st.file_uploader(
            "Or a CSV file", type=["csv"], max_upload_size=MAX_UPLOAD_MB, key=f"{_KEY}.file"
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            repetitions = st.number_input(
                "Repetitions", 1, MAX_REPETITIONS, 3, key=f"{_KEY}.repetitions", width=140
            )
            started = st.form_submit_button("Run check", disabled=is_blocked)
    if not started:
        return
    definitions = [setup.tool.definition for setup in setups]
    try:
        cases = parse_cases(decode_text(file.getvalue())[0] if file else text)
        state.start(ToolCheck(cases, repetitions, options.settings, definitions, ChatCompletionsApi()))
    except PlaygroundError as error:
        error_card(explain(error), icon=":material/block:")


@st.fragment(run_every=_POLL_INTERVAL)
def _progress() -> None:
    state = session.session_object(CheckSession)
    if not state.is_running or state.runner is None:
        st.rerun()
        return
    progress = state.runner.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            progress.ended / max(progress.total, 1), f"{progress.ended:,} of {progress.total:,} requests"
        )
        st.button("Stop the check", icon=":material/stop:", on_click=state.stop, key=f"{_KEY}.stop")


def _results(state: CheckSession) -> None:
    if state.runner and state.runner.error:
        error_card(state.runner.error)
    results = state.load_results()
    if not any(result.replies for result in results):
        st.info("No reply received.", icon=":material/info:")
        return
    passed, replies = sum(result.passed for result in results), sum(result.replies for result in results)
    failed = sum(result.failed for result in results)
    text = f"{passed} of {replies} replies as expected"
    if failed:
        text += f" · {failed} requests failed"
    st.markdown(f"**{escape_markdown(text)}**")
    downloadable_table(result_rows(results), "tools-check", "Expected and actual calls of each question")
