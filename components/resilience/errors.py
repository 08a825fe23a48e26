"""The Errors lab: a failure, met by several policies of retries at the same time."""

from itertools import groupby
from typing import TYPE_CHECKING

import streamlit as st

from components.resilience.error_details import error_details, exception
from components.resilience.errors_session import errors_session
from components.resilience.follow import follow, restored_caption
from components.resilience.policy_timeline import policy_timeline
from components.session import session
from components.ui.markdown_escape import escape_markdown
from core.resilience.failures.scenarios import SCENARIOS

if TYPE_CHECKING:
    from core.resilience.failures.experiment import RetryExperiment

_KEY = "resilience.errors"
_ICONS = {True: ":green[:material/check_circle:]", False: ":orange[:material/warning:]", None: ""}


def errors_lab() -> None:
    """Draw the failures, what will be seen of the selected one, and what was seen."""
    state, profile = errors_session(), session.profile()
    if state.experiment is None:
        state.select_available(profile.kind, profile.base_url)
    _failures()
    _run_row()
    experiment = state.experiment
    if experiment is None:
        return
    if experiment.is_running:
        follow(lambda: experiment.is_running, lambda: _progress(experiment))
    else:
        _result(experiment)


def _failures() -> None:
    """Draw the failures by group. One click runs the experiment."""
    state, profile = errors_session(), session.profile()
    groups = {group: list(rows) for group, rows in groupby(SCENARIOS, lambda scenario: scenario.group)}
    key = session.with_default(f"{_KEY}.group", state.scenario.group)
    group = st.segmented_control("Failure", list(groups), required=True, key=key)
    with st.container(horizontal=True, gap="xsmall", key=f"{_KEY}.failures"):
        for scenario in groups[str(group)]:
            reason = scenario.unavailable_reason(profile.kind, profile.base_url)
            st.button(
                escape_markdown(scenario.label),
                type="primary" if scenario.id == state.scenario_id else "secondary",
                key=f"{_KEY}.run.{scenario.id}",
                disabled=bool(reason) or not session.model(),
                help=reason or None,
                on_click=state.run,
                args=(scenario.id,),
            )


def _run_row() -> None:
    state, profile = errors_session(), session.profile()
    scenario = state.scenario
    reason = scenario.unavailable_reason(profile.kind, profile.base_url)
    with st.container(border=True):
        st.markdown(f"**{escape_markdown(scenario.label)}.** {escape_markdown(scenario.preview)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            is_running = state.experiment is not None and state.experiment.is_running
            st.button(
                "Run experiment",
                icon=":material/play_arrow:",
                type="primary",
                key=f"{_KEY}.start",
                disabled=bool(reason) or is_running or not session.model(),
                on_click=state.run,
                args=(scenario.id,),
            )
            if is_running:
                st.button("Stop", icon=":material/stop:", key=f"{_KEY}.stop", on_click=state.stop)
            client = st.segmented_control(
                "Client",
                ["Sync", "Async"],
                required=True,
                key=session.with_default(f"{_KEY}.client", "Async" if state.is_async else "Sync"),
                label_visibility="collapsed",
            )
            state.is_async = client == "Async"
        if reason:
            st.caption(reason)


def _progress(experiment: "RetryExperiment") -> None:
    """Draw the timeline as it grows, and what was raised as soon as that is known."""
    policy_timeline(experiment.runs)
    if experiment.runs[0].ended is not None:
        exception(experiment)


def _result(experiment: "RetryExperiment") -> None:
    from core.resilience.failures.verdict import summary, verdict

    st.markdown(f"**Result.** {escape_markdown(summary(experiment.runs))}")
    if experiment is errors_session().restored:
        restored_caption(experiment.started_at)
    policy_timeline(experiment.runs)
    for column, run in zip(st.columns(len(experiment.runs)), experiment.runs, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{escape_markdown(run.policy.label)}**")
            st.caption(escape_markdown(run.policy.summary))
            st.markdown(
                "\n".join(f"- {_ICONS[check.passed]} {escape_markdown(check.text)}" for check in verdict(run))
            )
    error_details(experiment)
