"""Submit batches in the background, so that leaving or reloading the page does not interrupt them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.batches.new_batch.requests import batch_requests
from components.batches.repositories import batch_repository, is_on_active_server, server_address
from components.batches.results.downloads import delete_menu
from components.batches.run_now import start_run_now
from components.runtime.batches import queue_watch, submission_jobs
from components.session import session
from components.ui.error_card import error_card
from core.batches.line_requests import ENDPOINTS

if TYPE_CHECKING:
    from core.batches.batch import BatchRecord


def start_submission(records: "Sequence[BatchRecord]") -> None:
    """Save the new *records*, whose files are in their folders, and submit them to the active server."""
    repository = batch_repository()
    for record in records:
        repository.save(record)
    submission_jobs().start(records, repository, session.profile())
    if any(record.waits_for_queue for record in records):
        queue_watch().start(repository, session.profile(), server_address())


def submission_status(record: "BatchRecord", *, is_submitting: bool) -> None:
    """Draw how the submission of the prepared batch *record* is going, and what can be done if it failed."""
    if is_submitting:
        st.info("The input file is being uploaded.", icon=":material/upload:")
        return
    if error := record.submission_error:
        error_card(error)
    else:
        st.warning("The submission was interrupted. It continues without creating a second batch.")
    if run_error := batch_requests().errors.get(record.id):
        error_card(run_error)
    is_other_server = not is_on_active_server(record)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Submit again" if error else "Continue",
            icon=":material/upload:",
            key=f"batches.submit.{record.id}",
            disabled=is_other_server,
            on_click=_submit_again,
            args=(record,),
        )
        if record.can_run_now and record.endpoint in ENDPOINTS:
            st.button(
                "Run now",
                icon=":material/play_arrow:",
                key=f"batches.run.{record.id}",
                disabled=is_other_server,
                help="Makes the requests at once, without a batch and its discount.",
                on_click=start_run_now,
                args=(record,),
            )
        delete_menu(record)


def _submit_again(record: "BatchRecord") -> None:
    submission_jobs().start([record], batch_repository(), session.profile())
