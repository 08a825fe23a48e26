"""Many questions at once: expected calls against those that the model requests."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from components.runtime import resources
from components.session import session
from components.tools.settings import LoopOptions
from components.ui.error_card import error_card
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.files.text import decode_text
from core.runs import event_loop
from core.tools.chat_completions import ChatCompletionsApi
from core.tools.check import (
    CAPABILITY,
    MAX_REPETITIONS,
    CaseResult,
    Reply,
    ToolCheck,
    parse_cases,
    result_rows,
)
from core.tools.modes import ToolSetup

if TYPE_CHECKING:
    from core.runner.runner import Runner

_KEY = "tools.check"
_POLL_INTERVAL = 0.5
_BATCH = 500  # runs that are read at once
_EXAMPLE = """question,tool,arguments
애플 주가 알려줘,get_stock_price,"{""ticker"": ""AAPL""}"
What is the stock price of Microsoft?,get_stock_price,"{""ticker"": ""MSFT""}"
서울 날씨 어때?,get_weather,"{""city"": ""서울""}"
How is the weather in Paris?,get_weather,"{""city"": ""Paris""}"
What is 12 * 34?,calculate,
What time is it in Asia/Seoul?,get_current_time,
안녕!,,
"""


@dataclass(slots=True, eq=False)
class CheckSession:
    """The check of this browser session with its runner, and the results once it has ended."""

    check: ToolCheck | None = None
    runner: "Runner | None" = None
    results: Sequence[CaseResult] | None = None

    @property
    def is_running(self) -> bool:
        return self.runner is not None and not self.runner.ended.is_set()

    def start(self, check: ToolCheck) -> None:
        """Start the requests of *check*."""
        from core.runner.repository import JobRepository
        from core.runner.work import WorkJob

        calls, profile = session.live_session().calls, session.profile()
        job = WorkJob(CAPABILITY, profile.id, profile.base_url, check.settings.model, title="Tools check")
        JobRepository(resources.store(), calls.owner).create(job, check.items())
        self.check, self.results = check, None
        self.runner = event_loop.run_until_complete(
            resources.runners().start(job, calls, profile, check.prepare)
        )

    def stop(self) -> None:
        if self.runner:
            event_loop.get_loop().call_soon_threadsafe(self.runner.stop)

    def load_results(self) -> Sequence[CaseResult]:
        """Return the results of the runs that have ended, read once."""
        if self.results is None and self.runner and self.check:
            self.results = self.check.results(_replies_by_case(self.check, self.runner.job.id))
        return self.results or ()


def check_panel(setups: Sequence[ToolSetup], options: LoopOptions) -> None:
    """Draw the questions, the progress of the check, and its results."""
    state = session.session_object(CheckSession)
    with st.expander("Check many questions", icon=":material/checklist:", key=f"{_KEY}.panel"):
        st.caption(
            "Sends each question with these tools and compares the requested calls. No tool is called."
        )
        with st.form(f"{_KEY}.form", border=False):
            text = st.text_area(
                "Questions as CSV: question, tool, arguments",
                _EXAMPLE,
                height=200,
                max_chars=500_000,
                key=f"{_KEY}.cases",
                persist_state="session",
            )
            file = st.file_uploader("Or a CSV file", type=["csv"], key=f"{_KEY}.file")
            with st.container(horizontal=True, vertical_alignment="bottom"):
                repetitions = st.number_input(
                    "Repetitions", 1, MAX_REPETITIONS, 3, key=f"{_KEY}.repetitions", width=140
                )
                started = st.form_submit_button("Run check", disabled=state.is_running)
        if started:
            definitions = [setup.tool.definition for setup in setups]
            try:
                cases = parse_cases(decode_text(file.getvalue())[0] if file else text)
                state.start(
                    ToolCheck(cases, repetitions, options.settings, definitions, ChatCompletionsApi())
                )
            except PlaygroundError as error:
                error_card(explain(error), icon=":material/block:")
        if state.is_running:
            _progress()
        elif state.runner:
            _results(state, state.runner)


def _replies_by_case(check: ToolCheck, job_id: str) -> dict[int, list[Reply | None]]:
    """Return the replies to a job's ended requests by the number of their case; None for failed ones."""
    from core.runner.repository import JobRepository
    from core.runner.work import ItemState
    from core.storage.run_repository import RunRepository

    store = resources.store()
    queue, runs = JobRepository(store, session.OWNER).queue(job_id), RunRepository(store, session.OWNER)
    replies: dict[int, list[Reply | None]] = defaultdict(list)
    offset = 0
    while items := queue.items((ItemState.DONE, ItemState.FAILED), _BATCH, offset):
        offset += len(items)
        by_id = runs.get_many([item.run_id for item in items if item.run_id])
        for item in items:
            run = by_id.get(item.run_id or "") if item.state is ItemState.DONE else None
            replies[item.data["case"]].append(check.read_reply(run) if run else None)
    return replies


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


def _results(state: CheckSession, runner: "Runner") -> None:
    if runner.error:
        error_card(runner.error)
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
