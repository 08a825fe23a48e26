"""The results of a check: a row for each question, and the calls of one of them side by side."""

from dataclasses import replace

import streamlit as st

from components.tools.check.session import CheckSession
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.jobs.job_progress import progress_text
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.tools.check.tool_check import CaseResult, result_rows

_KEY = "tools.check.results"
_MAX_LABEL = 80
_MAX_GROUPS = 3


def check_results(state: CheckSession) -> None:
    """Draw how the check of *state* ended, and its results."""
    from core.runner.work import RunnerState

    runner = state.runner
    if runner and runner.error:
        error_card(runner.error)
    if runner and runner.state is RunnerState.OVER_BUDGET:
        progress = replace(runner.progress, eta=None)  # nothing runs any more
        text = f"Budget reached: {progress_text(progress, runner.budget, 'requests')}."
        st.warning(
            f"{escape_markdown(text)} Raise the budget and resume the check below.",
            icon=":material/payments:",
        )
    results = state.load_results()
    if not any(result.replies for result in results):
        st.info("No reply received.", icon=":material/info:")
        return
    passed, replies = sum(result.passed for result in results), sum(result.replies for result in results)
    failed = sum(result.failed for result in results)
    text = f"{passed:,} of {replies:,} replies as expected"
    if failed:
        text += f" · {format_count(failed, 'request')} failed"
    st.markdown(f"**{escape_markdown(text)}**")
    downloadable_table(result_rows(results), "tools-check", "Expected and actual calls of each question")
    # The first question that needs a look.
    first = next((n for n, result in enumerate(results) if result.passed < result.replies), 0)
    number = st.selectbox(
        "Expected against actual calls",
        range(len(results)),
        first,
        format_func=lambda n: f"{n + 1}. {results[n].case.question[:_MAX_LABEL]}",
        key=f"{_KEY}.{state.job.id if state.job else ''}",
    )
    _side_by_side(results[number])


def _side_by_side(result: CaseResult) -> None:
    """Draw each different reply to a question beside what was expected."""
    for group in result.groups[:_MAX_GROUPS]:
        badge = (
            ":green-badge[:material/check: as expected]"
            if group.is_expected
            else ":red-badge[:material/close: not as expected]"
        )
        replies = "1 reply" if result.replies == 1 else f"{result.replies} replies"
        st.markdown(f"{group.count} of {replies} {badge}")
        for pair in group.pairs:
            icon = ":green[:material/check:]" if pair.is_match else ":red[:material/close:]"
            expected, actual = st.columns(2, gap="small")
            expected.caption("Expected")
            expected.code(pair.expected or "no such call", language=None, wrap_lines=True)
            actual.caption(f"Actual {icon}")
            actual.code(pair.actual or "no such call", language=None, wrap_lines=True)
        if not group.pairs:
            st.caption("No call was requested, and none is expected.")
    if len(result.groups) > _MAX_GROUPS:
        st.caption(f"The {_MAX_GROUPS} most frequent of {len(result.groups)} different replies.")
