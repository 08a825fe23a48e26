"""Jobs that extract from documents: the one under way, those to resume, and those at the end of a budget."""

from dataclasses import dataclass, replace
from decimal import Decimal

import streamlit as st

from components.extractor.repositories import extraction_repository, job_repository
from components.extractor.session import INPUT_KEY, extractor_session, stop_runner
from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from components.ui.jobs.job_progress import budget_input, progress_text
from components.ui.jobs.unfinished_jobs import resume_problem, unfinished_jobs
from components.ui.markdown_escape import escape_markdown
from core.extractor.jobs.document_job import CAPABILITY, DocumentExtractor
from core.extractor.jobs.extraction_job import job_schema
from core.runner.runner import Runner
from core.runner.work import Budget, WorkJob, WorkProgress
from core.runs import event_loop

_REFRESH_INTERVAL = 0.5
_MAX_JOBS = 5  # more would push the rows off the screen


@dataclass(slots=True)
class _ShownJob:
    """The job that is drawn: the one that this tab has started last, or one that another tab has started."""

    runner: Runner | None = None
    is_own: bool = False

    def show(self, runner: Runner, *, is_own: bool) -> None:
        self.runner, self.is_own = runner, is_own


def own_job_id() -> str:
    """Return the id of the job that this tab has started last; empty without one."""
    state = session.session_object(_ShownJob)
    return state.runner.job.id if state.runner and state.is_own else ""


def restore_own_job(job_id: str) -> None:
    """Show the job that this tab has started before it was loaded again, if it is still running."""
    runner = resources.runners().get(job_id, session.OWNER)
    # The id is from the URL, and other pages have jobs, too.
    if runner and runner.job.capability == CAPABILITY:
        session.session_object(_ShownJob).show(runner, is_own=True)


def is_extracting() -> bool:
    """Whether a job of this tab is running."""
    state = session.session_object(_ShownJob)
    return bool(state.runner and state.is_own and state.runner.is_running)


def start_job(job: WorkJob) -> None:
    """Extract from the documents of *job* that are left, and show its schema."""
    state = extractor_session()
    if job_schema(job).digest != state.document.digest:
        state.replace(job_schema(job))
    extractor = DocumentExtractor(job, extraction_repository())
    calls = session.live_session().calls
    starting = resources.runners().start(job, calls, session.profile(), extractor.prepare, extractor.save)
    session.session_object(_ShownJob).show(event_loop.run_until_complete(starting), is_own=True)


def job_status() -> None:
    """Draw the progress of the job under way, and the jobs of this server that can be resumed."""
    state = session.session_object(_ShownJob)
    if state.runner and state.runner.is_running:
        _progress()
        return
    if state.runner:
        _ended_job(state.runner)
    _resumable_jobs()


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _progress() -> None:
    state = session.session_object(_ShownJob)
    runner = state.runner
    if runner is None or not runner.is_running:
        st.rerun()
        return
    progress = runner.progress
    text = progress_text(progress, runner.job.budget, "documents")
    if not state.is_own:
        text = f"Started in another tab: {runner.job.title}, {text}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(progress.ended / max(progress.total, 1), escape_markdown(text))
        key = "extractor.documents.stop"
        st.button("Stop", icon=":material/stop:", key=key, on_click=stop_runner, args=(runner,))


def _ended_job(runner: Runner) -> None:
    if runner.error:
        error_card(runner.error)
    # Of the database: what is left may have been discarded since, or requested by another tab.
    progress = job_repository().queue(runner.job.id).progress()
    if progress.waiting and (not progress.failed or _is_spent(runner.job.budget, progress)):
        return  # it is among the jobs to resume
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape_markdown(progress_text(progress, runner.job.budget, "documents")), width="stretch")
        if failed := progress.failed:
            problem = resume_problem(runner.job)
            st.button(
                f"Retry {failed:,} failed",
                icon=":material/replay:",
                key="extractor.documents.retry",
                on_click=_retry_failed,
                args=(runner.job,),
                disabled=bool(problem),
                help=problem or None,
            )


def _retry_failed(job: WorkJob) -> None:
    job_repository().queue(job.id).retry_failed()
    start_job(job)


def _resumable_jobs() -> None:
    state, repository = session.session_object(_ShownJob), job_repository()
    unfinished = []
    for job in repository.list(CAPABILITY, unfinished=True, limit=_MAX_JOBS):
        if runner := resources.runners().get(job.id, session.OWNER):
            # Another tab has started it, or has resumed what was stopped here.
            if state.runner is None or state.runner.job.id == job.id:
                state.show(runner, is_own=False)
                st.rerun()
            continue
        progress = repository.queue(job.id).progress()
        if _is_spent(job.budget, progress):
            _over_budget(job, progress)
        else:
            unfinished.append((job, progress))
    unfinished_jobs(unfinished, _resume, _discard, "extractor")


def _over_budget(job: WorkJob, progress: WorkProgress) -> None:
    """Draw why *job* has stopped, and the budget with which to resume it."""
    with st.container(border=True, gap="small"):
        title = escape_markdown(f"{job.title}, {job.model}")
        st.markdown(f":material/payments: **Budget reached:** {title}")
        text = escape_markdown(progress_text(progress, job.budget, "documents"))
        st.caption(
            f"{text}. What is done is saved. Raise the budget to extract from the documents that are waiting."
        )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            budget = budget_input(
                f"extractor.budget.{job.id}",
                in_dollars=job.budget.cost is not None,
                budget=_suggested(job.budget, progress),
            )
            problem = resume_problem(job)
            if _is_spent(budget, progress):
                problem = problem or "Raise the budget first."
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key=f"extractor.budget.resume.{job.id}",
                on_click=_resume,
                args=(replace(job, budget=budget),),
                disabled=bool(problem),
                help=problem or None,
            )
            st.button(
                "Discard",
                icon=":material/delete:",
                type="tertiary",
                key=f"extractor.budget.discard.{job.id}",
                on_click=_discard,
                args=(job,),
            )


def _is_spent(budget: Budget, progress: WorkProgress) -> bool:
    return budget.affordable_calls(progress, under_way=0) == 0


def _suggested(budget: Budget, progress: WorkProgress) -> Budget:
    """Return a budget that lasts for all documents, by the average so far, with a tenth to spare."""
    factor = Decimal("1.1") * progress.total / max(progress.ended, 1)
    if budget.cost is not None:
        return Budget(cost=Decimal(f"{max(budget.cost, progress.cost * factor):.2g}"))
    return Budget(tokens=max(budget.tokens or 0, round(progress.tokens * factor)))


def _resume(job: WorkJob) -> None:
    """Continue *job*, with its budget of now."""
    job_repository().set_budget(job.id, job.budget)
    session.set_widget_value(INPUT_KEY, "Documents")
    start_job(job)


def _discard(job: WorkJob) -> None:
    job_repository().queue(job.id).cancel_waiting()
