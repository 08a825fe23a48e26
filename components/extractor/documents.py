"""The documents to extract from, what that takes, and the buttons that start it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from components.extractor.batch import batch_button
from components.extractor.document_jobs import is_extracting, start_job
from components.extractor.repositories import job_repository
from components.extractor.request_form import RequestOptions
from components.extractor.session import PASTE_KEY, extractor_session
from components.session import session
from components.session.panel_cache import PanelCache
from components.ui.error_card import error_card
from components.ui.formatting import format_cost, format_count, format_duration
from components.ui.jobs.job_progress import budget_input
from components.ui.markdown_escape import escape_markdown
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
from core.extractor.jobs.document_job import CAPABILITY, work_items
from core.extractor.jobs.estimate import ExtractionEstimate, estimate_extraction
from core.extractor.jobs.extraction_job import extraction_job
from core.extractor.schemas.presets import presets
from core.models.catalog import get_model
from core.runner.work import Budget, WorkJob


@dataclass(slots=True)
class _Files:
    """The documents of the uploaded files by upload and column, so that they are read once."""

    columns: dict[str, CsvColumns] = field(default_factory=dict)
    documents: dict[tuple[str, int | None], list[TextDocument]] = field(default_factory=dict)
    cache: PanelCache = field(default_factory=PanelCache)


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
    if not files:
        _paste_box()
    elif not is_extracting():
        st.caption("A reload of the page removes the files, but not an extraction that was started.")
    documents = _documents(state, files)
    label = f"Extract from {format_count(len(documents), 'document')}"
    is_possible = 0 < len(documents) <= MAX_DOCUMENTS and not options.problem
    estimate = _estimate(state, documents, options) if is_possible else None
    reason = "" if documents else "Upload files or paste texts to extract from."
    if is_extracting():
        reason = "This tab is extracting from documents. Stop that first, or wait until it has ended."
    with st.container(horizontal=True, vertical_alignment="bottom"):
        in_dollars = bool(estimate and estimate.cost.amount)
        budget = budget_input("extractor.documents.budget", in_dollars=in_dollars)
        if st.button(
            label,
            type="primary",
            icon=":material/playlist_play:",
            disabled=is_extracting() or not is_possible,
            help=reason or escape_markdown(options.problem) or None,
            key="extractor.documents.start",
        ):
            start_job(_create_job(documents, options, budget))
            st.rerun()
        if is_possible:
            batch_button(documents, options)


def _paste_box() -> None:
    st.text_area(
        "Or paste documents, separated by lines of three hyphens (---)",
        "\n---\n".join(
            text for preset in [presets()["news"], presets()["review"]] for text in preset.texts.values()
        ),
        key=PASTE_KEY,
        persist_state="session",
        height=140,
    )


def _estimate(
    state: _Files, documents: Sequence[TextDocument], options: RequestOptions
) -> ExtractionEstimate | None:
    """Draw what extracting from *documents* takes; without a vocabulary, that it is not known."""
    extraction, kind = options.extraction(extractor_session().document, ""), session.profile().kind

    def compute() -> ExtractionEstimate:
        return estimate_extraction(documents, extraction, options.settings, kind, datetime.now(UTC))

    inputs = tuple(documents), options, kind
    try:
        estimate = state.cache.get_or_compute("estimate", extraction.document, inputs, compute)
    except PlaygroundError as error:
        st.caption(escape_markdown(str(error)))
        return None
    thinking = " without reasoning" if get_model(options.settings.model).reasoning else ""
    duration = format_duration(timedelta(seconds=estimate.seconds))
    parts = [
        format_count(estimate.calls, "request"),
        f"about {estimate.input_tokens:,} input and {estimate.output_tokens:,} output tokens{thinking}",
        format_cost(estimate.cost),
        "a few seconds" if estimate.seconds < 5 else f"about {duration}",
    ]
    st.caption(
        escape_markdown(" · ".join(parts)),
        help="Estimated from a sample of the texts and a typical reply for the schema. "
        f"{escape_markdown(estimate.cost.basis)}",
    )
    return estimate


def _create_job(documents: Sequence[TextDocument], options: RequestOptions, budget: Budget) -> WorkJob:
    document = extractor_session().document
    title = f"{document.name}, {format_count(len(documents), 'document')}"
    extraction = options.extraction(document, "")
    job = replace(
        extraction_job(CAPABILITY, extraction, session.profile(), options.settings, title), budget=budget
    )
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
