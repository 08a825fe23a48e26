"""What can be done with a batch."""

from functools import partial

import streamlit as st

from components.batches.new_batch.requests import batch_requests
from components.batches.repositories import batch_repository, is_on_active_server
from components.batches.results.downloads import delete_menu, download_menu
from components.batches.results.retry import queue_button, retry_button
from components.batches.run_now import run_now_actions
from components.ui.error_card import error_card
from core.batches.batch import BatchRecord, BatchStatus

_CANCELLABLE = (BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING)


def action_row(record: BatchRecord) -> None:
    """Draw the buttons that apply to a batch in its present state."""
    if error := batch_requests().errors.get(record.id):
        error_card(error)
    with st.container(horizontal=True, gap="xsmall"):
        if record.job_id:
            run_now_actions(record)
        elif record.status in _CANCELLABLE and is_on_active_server(record):
            _cancel_button(record)
        # The requests of a stopped batch would be paid twice if it was also resumed.
        if not record.status.is_active and record.status != BatchStatus.STOPPED:
            retry_button(record)
            queue_button(record)
        download_menu(record)
        delete_menu(record)


def _cancel_button(record: BatchRecord) -> None:
    with st.popover("Cancel", icon=":material/cancel:", key="batches.cancel"):
        st.markdown("Requests that have completed are billed, and their results stay available.")
        st.button(
            "Cancel this batch",
            type="primary",
            key="batches.cancel.confirm",
            on_click=_cancel,
            args=(record,),
            disabled=batch_requests().is_running(record.id),
        )


def _cancel(record: BatchRecord) -> None:
    from core.batches.remote.service import cancel

    batch_requests().start(record.id, partial(cancel, repository=batch_repository(), record=record))
