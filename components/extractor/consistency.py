"""Repetitions of an extraction: their form, their progress, and those that can be resumed."""

import streamlit as st

from components.extractor.repositories import job_repository
from components.extractor.session import ExtractorSession, extractor_session
from components.runtime import resources
from components.session import session
from components.ui.formatting import format_seconds
from components.ui.jobs.unfinished_jobs import unfinished_jobs
from components.ui.markdown_escape import escape_markdown
from components.ui.models.model_picker import ModelField, selected_models
from core.completions.request import ChatSettings
from core.extractor.jobs.consistency_job import CAPABILITY, MAX_MODELS, MAX_RUNS, consistency_job
from core.extractor.request import Extraction

_MAX_JOBS = 5  # older ones are hardly resumed


def consistency_form(extraction: Extraction, settings: ChatSettings, problem: str) -> None:
    """Draw how often and with which models to repeat *extraction*; a *problem* prevents its start."""
    state = extractor_session()
    # Another key closes it.
    key = f"extractor.consistency.{state.starts}"
    with st.popover("Consistency", icon=":material/rule:", key=key):
        st.caption("Sends the same request several times, and counts how often the values of a field agree.")
        runs = st.number_input(
            "Runs per model", 1, MAX_RUNS, 3, key="extractor.runs", persist_state="session"
        )
        field = ModelField(
            "Other models",
            empty="None",
            limit=MAX_MODELS - 1,
            unavailable={settings.model: "Already selected"},
        )
        models = selected_models("extractor.models", field)
        total = runs * (1 + len(models))
        label = f"Send {total} request{'s' if total > 1 else ''}"
        if st.button(
            label,
            type="primary",
            disabled=bool(problem),
            help=escape_markdown(problem) or None,
            key="extractor.repeat",
        ):
            all_settings = [settings.model_copy(update={"model": model}) for model in models]
            state.start_repetitions(
                [
                    consistency_job(extraction, session.profile(), chosen, runs)
                    for chosen in [settings, *all_settings]
                ]
            )
            st.rerun()


def consistency_progress(state: ExtractorSession) -> None:
    """Draw how many repetitions have ended, with a button that stops the rest."""
    if not (runners := state.runners()):
        return
    total = sum(runner.progress.total for runner in runners)
    ended = sum(runner.progress.ended for runner in runners)
    left = max((runner.progress.eta or 0 for runner in runners), default=0)
    remaining = f" · about {format_seconds(left)} left" if left else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(ended / max(total, 1), f"{ended:,} of {total:,} requests{remaining}")
        st.button("Stop", icon=":material/stop:", key="extractor.repetitions.stop", on_click=state.stop)


def unfinished_repetitions() -> None:
    """Draw the jobs that have stopped before their end."""
    repository = job_repository()
    jobs = repository.list(CAPABILITY, unfinished=True, limit=_MAX_JOBS)
    unfinished_jobs(
        [
            (job, repository.queue(job.id).progress())
            for job in jobs
            if not resources.runners().get(job.id, session.OWNER)
        ],
        extractor_session().resume_repetitions,
        lambda job: repository.queue(job.id).cancel_waiting(),
        "extractor.repetitions",
    )
