"""What has stopped before its end, such as a job of many requests, to go on with it or to discard it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.session import session
from components.ui.markdown_escape import escape_markdown

if TYPE_CHECKING:
    from core.runner.work import WorkJob, WorkProgress


@dataclass(frozen=True, slots=True)
class RowButton:
    """A button of a row, which passes *args* to *on_click*."""

    label: str
    icon: str
    key: str
    on_click: Callable[..., None]
    args: tuple[Any, ...]
    help: str = ""
    disabled: bool = False


def unfinished_row(text: str, key: str, button: RowButton, discard: RowButton) -> None:
    """Draw what is not finished, with the button to go on with it and the one to discard it."""
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=key):
        st.markdown(f"**Not finished:** {escape_markdown(text)}", width="stretch")
        for each in (button, discard):
            st.button(
                each.label,
                icon=each.icon,
                type="tertiary" if each is discard else "secondary",
                key=each.key,
                on_click=each.on_click,
                args=each.args,
                disabled=each.disabled,
                help=each.help or None,
            )


def unfinished_jobs(
    jobs: "Sequence[tuple[WorkJob, WorkProgress]]",
    on_resume: "Callable[[WorkJob], None]",
    on_discard: "Callable[[WorkJob], None]",
    key: str,
) -> None:
    """Draw a line for each job. Only the server to which its requests belong can resume it."""
    for job, progress in jobs:
        problem = resume_problem(job)
        text = f"{job.title}, {job.model} · {progress.ended:,} of {progress.total:,} requests"
        resume = RowButton(
            "Resume",
            ":material/play_arrow:",
            f"{key}.resume.{job.id}",
            on_resume,
            (job,),
            problem,
            bool(problem),
        )
        discard = RowButton("Discard", ":material/delete:", f"{key}.discard.{job.id}", on_discard, (job,))
        unfinished_row(text, f"{key}.unfinished.{job.id}", resume, discard)


def resume_problem(job: "WorkJob") -> str:
    """Return why *job* cannot be resumed now; empty if it can."""
    profile = session.profile()
    # The sandbox has another port in each process.
    is_moved = profile.kind != "sandbox" and job.base_url != profile.base_url
    return "Switch to the server of this job first." if job.profile_id != profile.id or is_moved else ""
