"""The jobs of many requests that have stopped before their end, to resume or to discard them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown

if TYPE_CHECKING:
    from core.runner.work import WorkJob, WorkProgress


def unfinished_jobs(
    jobs: "Sequence[tuple[WorkJob, WorkProgress]]",
    on_resume: "Callable[[WorkJob], None]",
    on_discard: "Callable[[WorkJob], None]",
    key: str,
) -> None:
    """Draw a line for each job. Only the server to which its requests belong can resume it."""
    for job, progress in jobs:
        problem = resume_problem(job)
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            text = f"{job.title}, {job.model} · {progress.ended:,} of {progress.total:,} requests"
            st.markdown(f"**Not finished:** {escape_markdown(text)}", width="stretch")
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key=f"{key}.resume.{job.id}",
                on_click=on_resume,
                args=(job,),
                disabled=bool(problem),
                help=problem or None,
            )
            st.button(
                "Discard",
                icon=":material/delete:",
                type="tertiary",
                key=f"{key}.discard.{job.id}",
                on_click=on_discard,
                args=(job,),
            )


def resume_problem(job: "WorkJob") -> str:
    """Return why *job* cannot be resumed now; empty if it can."""
    profile = session.profile()
    # The sandbox has another port in each process.
    is_moved = profile.kind != "sandbox" and job.base_url != profile.base_url
    return "Switch to the server of this job first." if job.profile_id != profile.id or is_moved else ""
