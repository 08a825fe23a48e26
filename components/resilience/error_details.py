"""The details of an experiment: what the SDK raised, every request, and the code of the policies."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from components.resilience.policy_timeline import attempt_status
from components.ui.error_card import error_card
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table

if TYPE_CHECKING:
    from core.resilience.failures.experiment import PolicyRun, RetryExperiment
    from core.resilience.failures.sdk_error import SdkError

_KEY = "resilience.errors.details"
_MAX_REPLY = 200


def error_details(experiment: "RetryExperiment") -> None:
    """Draw tabs with the exception, the requests and the code."""
    raised, requests, code = st.tabs(
        ["What the SDK raised", "Requests", "Code"], on_change="rerun", key=f"{_KEY}.tabs"
    )
    with raised:
        exception(experiment)
    if requests.open:
        with requests:
            rows = [row for run in experiment.runs for row in _request_rows(run)]
            downloadable_table(rows, "requests", "Requests of each policy", pinned=("policy",))
    if code.open:
        with code:
            _code(experiment)


def exception(experiment: "RetryExperiment") -> None:
    """Draw what the first request has led to, without any retry."""
    run = experiment.runs[0]
    name = escape_markdown(experiment.scenario.label)
    if run.error is None and run.reply is None:
        st.markdown(f"{name}: stopped before the first request ended.")
        return
    if run.error is None:
        reply = run.reply or ""
        shown = reply if len(reply) <= _MAX_REPLY else f"{reply[:_MAX_REPLY]}…"
        ending = "this text" if reply else "no text"
        st.markdown(f"{name}: the SDK raised nothing, and the call returned {ending}.")
        if reply:
            st.code(shown, language=None, wrap_lines=True)
        return
    st.markdown(f"{name}: without a retry, the call raised **{escape_markdown(run.error.name)}**.")
    if run.explanation:
        error_card(run.explanation)
    _attributes(run.error)


def _attributes(error: "SdkError") -> None:
    classes, attributes = st.columns(2)
    with classes:
        st.caption("Classes")
        # From the most general one on, each one level deeper.
        names = enumerate(reversed(error.classes))
        lines = [f"{'   ' * (level - 1)}└─ {name}" if level else name for level, name in names]
        st.code("\n".join(lines), language=None)
        if error.causes:
            st.caption("Causes, the innermost last")
            st.code("\n".join(error.causes), language=None, wrap_lines=True)
    with attributes:
        st.caption("Attributes")
        values = error.attributes or (("str(error)", repr(error.text)),)
        st.code("\n".join(f"error.{name} = {value}" for name, value in values), wrap_lines=True)


def _request_rows(run: "PolicyRun") -> list[dict[str, Any]]:
    from core.resilience.failures.verdict import waits

    pauses = [None, *waits(run)]
    return [
        {
            "policy": run.policy.label,
            "request": number,
            "start (s)": attempt.started,
            "duration (s)": (attempt.ended or run.seconds) - attempt.started,
            "result": attempt_status(attempt),
            "Retry-After (s)": attempt.retry_after,
            "wait before (s)": pause.seconds if pause else None,
            "reason": pause.reason if pause else "",
            "request ID": attempt.headers.get("x-request-id", ""),
        }
        for number, (attempt, pause) in enumerate(zip(run.attempts, pauses, strict=False), 1)
    ]


def _code(experiment: "RetryExperiment") -> None:
    from core.resilience.failures.snippets import policy_snippet

    options = snippet_options(experiment.profile.base_url)
    snippets = [policy_snippet(policy, experiment, options) for policy in experiment.policies]
    st.caption("The functions are those that have just run.")
    snippet_tabs(snippets, options, f"{_KEY}.code")
