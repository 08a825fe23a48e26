"""Documents that are extracted by a batch, which the Batches page submits, and the rows that come back."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from components.extractor.repositories import batch_repository, extraction_repository, job_repository
from components.extractor.request_form import RequestOptions
from components.extractor.session import extractor_session
from components.session import session
from components.ui.formatting import format_count
from components.ui.jobs.waiting_batch import waiting_batch
from components.ui.markdown_escape import escape_markdown
from core.extractor.documents import TextDocument
from core.extractor.jobs.batch import CAPABILITY, batch_requests, save_batch_results
from core.extractor.jobs.document_job import work_items
from core.extractor.jobs.extraction_job import extraction_job
from core.paths import ROOT, data_directory

_MIN_DOCUMENTS = 20  # for fewer, waiting for a batch is not worth its discount
_MAX_JOBS = 5  # results of each are looked for whenever the page is drawn


def batch_button(documents: Sequence[TextDocument], options: RequestOptions) -> None:
    """Draw the button that submits the documents as a batch, if they are many, and opens the batch."""
    if len(documents) < _MIN_DOCUMENTS:
        return
    if st.button(
        "Submit as a batch",
        icon=":material/stacks:",
        key="extractor.documents.batch",
        help="The Batch API takes up to 24 hours and costs less. The results come back into the rows here.",
    ):
        batch_id = _prepare_batch(documents, options)
        st.switch_page(ROOT / "pages" / "batches.py", query_params={"batch": batch_id})


def _prepare_batch(documents: Sequence[TextDocument], options: RequestOptions) -> str:
    """Save the batch of the documents, which the Batches page submits, and return its id."""
    from core.batches.hand_over import prepare_job_batch

    state, profile = extractor_session(), session.profile()
    title = f"{state.document.name}, {format_count(len(documents), 'document')}"
    extraction = options.extraction(state.document, "")
    job = extraction_job(CAPABILITY, extraction, profile, options.settings, title)
    state.save_schema()
    job_repository().create(job, work_items(documents))
    # The Batches page knows the sandbox by this name: its port is another one in each process.
    address = "sandbox" if profile.kind == "sandbox" else profile.base_url
    record = prepare_job_batch(
        batch_requests(job, documents), job, address, data_directory(), api=options.settings.api
    )
    batch_repository().save(replace(record, upload_started=True))
    return record.id


def batch_jobs() -> None:
    """Save the results that have arrived as rows, and draw the batches that have not ended."""
    from core.batches.hand_over import batches_of_job, job_results

    repository = job_repository()
    for job in repository.list(CAPABILITY, limit=_MAX_JOBS):
        progress = repository.queue(job.id).progress()
        if not progress.waiting and not progress.running and not progress.failed:
            continue
        results = job_results(batch_repository(), job.id, data_directory())
        queue, profile = repository.queue(job.id), session.profile()
        added = save_batch_results(job, queue, extraction_repository(), results, profile) if results else 0
        if added:
            st.toast(f"{format_count(added, 'result')} of the batch {escape_markdown(job.title)}")
            progress = repository.queue(job.id).progress()
        if not progress.is_complete:
            batches = batches_of_job(batch_repository(), job.id)
            waiting_batch(
                f"{job.title}, {job.model}",
                progress,
                batches[-1].id if batches else None,
                f"extractor.batch.{job.id}",
                repository.queue(job.id).cancel_waiting,
            )
