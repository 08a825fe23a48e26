"""Extraction from many documents: their texts, the job with its progress, and jobs to resume."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components.extractor.batch import batch_button
from components.extractor.repositories import extraction_repository, job_repository
from components.extractor.request_form import RequestOptions
from components.extractor.session import INPUT_KEY, PASTE_KEY, extractor_session, stop_runner
from components.runtime import resources
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_dollars, format_seconds
from components.ui.markdown_escape import escape_markdown
from components.ui.unfinished_jobs import unfinished_jobs
from components.ui.uploads import MAX_UPLOAD_MB
from core.errors.explain import explain
from core.errors.types import PlaygroundError
from core.extractor.documents import (
    EXTENSIONS,
    MAX_DOCUMENTS,
    CsvColumns,
    TextDocument,
    csv_columns,
    pasted_documents,
    read_documents,
)
from core.extractor.jobs.document_job import CAPABILITY, DocumentExtractor, work_items
from core.extractor.jobs.extraction_job import extraction_job, job_schema
from core.extractor.schemas.presets import presets
from core.runner.runner import Runner
from core.runner.work import WorkJob, WorkProgress
from core.runs import event_loop

_REFRESH_INTERVAL = 0.5
_MAX_JOBS = 5


@dataclass(slots=True)
class _Files:
    """The documents of the uploaded files by upload and column, so that they are read once."""

    columns: dict[str, CsvColumns] = field(default_factory=dict)
    documents: dict[tuple[str, int | None], list[TextDocument]] = field(default_factory=dict)
    runner: Runner | None = None


def document_input(options: RequestOptions) -> None:
    """Draw the documents and the button that extracts from them."""
    state = session.session_object(_Files)
    files = st.file_uploader(
        "Files",
        list(EXTENSIONS),
        accept_multiple_files=True,
        max_upload_size=MAX_UPLOAD_MB,
        key="extractor.documents.files",
        help="A document per file, per row of a CSV file, or per line of a JSONL file. "
        "With the column or key expected, a JSON object, the results are compared with it.",
    )
    st.text_area(
        "Or paste documents, separated by lines of three hyphens (---)",
        "\n---\n".join(
            text for preset in [presets()["news"], presets()["review"]] for text in preset.texts.values()
        ),
        key=PASTE_KEY,
        persist_state="session",
        height=140,
    )
    documents = _documents(state, files)
    is_running = bool(state.runner and state.runner.is_running)
    label = f"Extract from {format_count(len(documents), 'document')}"
    is_possible = 0 < len(documents) <= MAX_DOCUMENTS and not options.problem
    with st.container(horizontal=True):
        if st.button(
            label,
            type="primary",
            icon=":material/playlist_play:",
            disabled=is_running or not is_possible,
            key="extractor.documents.start",
        ):
            _start(_create_job(documents, options))
        if is_possible:
            batch_button(documents, options)


def _create_job(documents: Sequence[TextDocument], options: RequestOptions) -> WorkJob:
    document = extractor_session().document
    title = f"{document.name}, {format_count(len(documents), 'document')}"
    extraction = options.extraction(document, "")
    job = extraction_job(CAPABILITY, extraction, session.profile(), options.settings, title)
    extractor_session().save_schema()
    job_repository().create(job, work_items(documents))
    return job


def _documents(state: _Files, files: Sequence[UploadedFile]) -> list[TextDocument]:
    """Return the documents of the files, or the pasted ones without files; draw what is not readable."""
    documents: list[TextDocument] = []
    try:
        if not files:
            return pasted_documents(str(session.widget_value(PASTE_KEY) or ""))
        for file in files:
            documents += _file_documents(state, file)
        if len(documents) > MAX_DOCUMENTS:
            message = f"There are more than {MAX_DOCUMENTS:,} documents."
            raise PlaygroundError(message, "Remove some of the files.")
    except PlaygroundError as error:
        error_card(explain(error))
    return documents


def _file_documents(state: _Files, file: UploadedFile) -> list[TextDocument]:
    """Return the documents of *file*; draw why it has none."""
    try:
        source = file.file_id, _text_column(state, file) if file.name.lower().endswith(".csv") else None
        if source not in state.documents:
            state.documents[source] = read_documents(file.name, file.getvalue(), source[1])
        return state.documents[source]
    except PlaygroundError as error:
        error_card(explain(error), prefix=f"{escape_markdown(file.name)}:")
        return []


def _text_column(state: _Files, file: UploadedFile) -> int:
    """Draw the choice of the column with the texts, if there are several, and return its index."""
    if file.file_id not in state.columns:
        state.columns[file.file_id] = csv_columns(file.name, file.getvalue())
    columns = state.columns[file.file_id]
    if len(columns.names) < 2:
        return columns.text
    index: int = st.selectbox(
        f"Text column of {escape_markdown(file.name)}",
        range(len(columns.names)),
        columns.text,
        format_func=lambda index: columns.names[index] or f"Column {index + 1}",
        key=f"extractor.column.{file.file_id}",
    )
    return index


def _start(job: WorkJob) -> None:
    """Extract from the documents of *job* that are left, and show its schema."""
    state = extractor_session()
    if job_schema(job).digest != state.document.digest:
        state.replace(job_schema(job))
    extractor = DocumentExtractor(job, extraction_repository())
    calls = session.live_session().calls
    starting = resources.runners().start(job, calls, session.profile(), extractor.prepare, extractor.save)
    session.session_object(_Files).runner = event_loop.run_until_complete(starting)


def _resume(job: WorkJob) -> None:
    session.set_widget_value(INPUT_KEY, "Documents")
    _start(job)


def job_status() -> None:
    """Draw the progress of the job under way, and the jobs of this server that can be resumed."""
    state = session.session_object(_Files)
    if state.runner and state.runner.is_running:
        _progress()
        return
    if state.runner:
        _ended_job(state.runner)
    _resumable_jobs()


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _progress() -> None:
    runner = session.session_object(_Files).runner
    if runner is None or not runner.is_running:
        st.rerun()
        return
    progress = runner.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        remaining = f"about {format_seconds(progress.eta)} left" if progress.eta else ""
        st.progress(progress.ended / max(progress.total, 1), escape_markdown(_summary(progress, remaining)))
        key = "extractor.documents.stop"
        st.button("Stop", icon=":material/stop:", key=key, on_click=stop_runner, args=(runner,))


def _ended_job(runner: Runner) -> None:
    if runner.error:
        error_card(runner.error)
    # Of the database: what is left may have been discarded since, or requested by another tab.
    progress = job_repository().queue(runner.job.id).progress()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(escape_markdown(_summary(progress)), width="stretch")
        if failed := progress.failed:
            st.button(
                f"Retry {failed:,} failed",
                icon=":material/replay:",
                key="extractor.documents.retry",
                on_click=_retry_failed,
                args=(runner.job,),
                disabled=runner.job.profile_id != session.profile().id,
            )


def _retry_failed(job: WorkJob) -> None:
    job_repository().queue(job.id).retry_failed()
    _start(job)


def _summary(progress: WorkProgress, remaining: str = "") -> str:
    parts = [
        f"{progress.done:,} of {progress.total:,} documents",
        f"{progress.failed:,} failed" if progress.failed else "",
        f"{progress.waiting:,} waiting" if progress.waiting else "",
        f"{progress.cancelled:,} discarded" if progress.cancelled else "",
        f"{progress.tokens:,} tokens" if progress.tokens else "",
        format_dollars(progress.cost) if progress.cost else "",
        remaining,
    ]
    return " · ".join(filter(None, parts))


def _resumable_jobs() -> None:
    state, repository = session.session_object(_Files), job_repository()
    unfinished = []
    for job in repository.list(CAPABILITY, unfinished=True, limit=_MAX_JOBS):
        runner = resources.runners().get(job.id, session.OWNER)
        if runner is None:
            unfinished.append((job, repository.queue(job.id).progress()))
        elif state.runner is None:  # the page was loaded again; a running job may also be another tab's
            state.runner = runner
            st.rerun()
    unfinished_jobs(
        unfinished,
        _resume,
        lambda job: repository.queue(job.id).cancel_waiting(),
        "extractor",
    )
