"""Make the requests of a batch now, in the background, and stop, resume or end that."""

from typing import TYPE_CHECKING

import streamlit as st

from components.batches.new_batch.requests import batch_requests
from components.batches.repositories import batch_repository, server_address
from components.runtime import resources
from components.session import session
from core.batches.batch import BatchStatus
from core.paths import data_directory

if TYPE_CHECKING:
    from core.batches.batch import BatchRecord
    from core.batches.run_now import RunNow


def run_now_service() -> "RunNow":
    from core.batches.run_now import RunNow

    calls = session.live_session().calls
    return RunNow(calls, resources.runners(), batch_repository(), data_directory())


def start_run_now(record: "BatchRecord") -> None:
    """Make the requests of *record* that have no result yet."""
    service, profile = run_now_service(), session.profile()
    batch_requests().start(record.id, lambda _client: service.start(record, profile))


def run_now_actions(record: "BatchRecord") -> None:
    """Draw the buttons for a batch whose requests are made now."""
    service = run_now_service()
    is_busy = batch_requests().is_running(record.id)
    if record.status == BatchStatus.IN_PROGRESS:
        st.button(
            "Stop",
            icon=":material/stop:",
            key="batches.run.stop",
            disabled=is_busy,
            help="The requests that are left can be made later.",
            on_click=batch_requests().start,
            args=(record.id, lambda _client: service.stop(record)),
        )
    if record.status == BatchStatus.STOPPED:
        is_other_server = record.base_url != server_address()
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            type="primary",
            key="batches.run.resume",
            disabled=is_busy or is_other_server,
            help="Switch to the server of this batch first." if is_other_server else None,
            on_click=start_run_now,
            args=(record,),
        )
    if record.status in (BatchStatus.IN_PROGRESS, BatchStatus.STOPPED):
        st.button(
            "End without the rest",
            icon=":material/cancel:",
            key="batches.run.cancel",
            disabled=is_busy,
            on_click=batch_requests().start,
            args=(record.id, lambda _client: service.cancel(record)),
        )
