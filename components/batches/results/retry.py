"""Retry the requests that did not succeed, and show which batch was made from which."""

import asyncio
from dataclasses import dataclass, field, replace

import streamlit as st

from components.batches.badge import outcome_badge
from components.batches.new_batch.requests import batch_requests
from components.batches.polling import batch_polling
from components.batches.repositories import (
    batch_folder,
    batch_repository,
    find_batch,
    is_on_active_server,
    server_address,
)
from components.batches.run_now import run_now_service
from components.batches.url import open_batch
from components.runtime.batches import queue_watch, submission_jobs
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from core.batches.batch import BatchRecord, BatchStatus
from core.batches.remote.queue_limit import queue_limit_of
from core.paths import data_directory


@dataclass(slots=True, eq=False)
class _Retries:
    """The batches that this session has made from others, by the id of the other one."""

    ids: dict[str, str] = field(default_factory=dict)


def lineage(record: BatchRecord) -> None:
    """Draw links to the batch that *record* retries, and to those that retry it."""
    with st.container(horizontal=True, gap="xsmall"):
        if record.parent_id:
            if parent := find_batch(record.parent_id):
                _link("Retry of" if record.source == "retry" else "First submitted as", parent)
            else:
                st.caption("The batch that this one retries was deleted.")
        for other in batch_repository().children(record.id):
            _link("Retried as" if other.source == "retry" else "Submitted again as", other)


def _link(label: str, other: BatchRecord) -> None:
    st.button(
        f"{label} **{escape_markdown(other.title[:60])}** {outcome_badge(other)}",
        icon=":material/account_tree:",
        type="tertiary",
        key=f"batches.lineage.{other.id}",
        on_click=open_batch,
        args=(other.id,),
    )


def retry_button(record: BatchRecord) -> None:
    """Draw the button that makes the requests without success again, or opens the batch that does."""
    from core.batches.retry import find_retry

    counts, key = record.results, f"{record.id}.retry"
    left = counts.total - counts.completed if counts else 0
    if not left:
        return
    if retry := find_retry(record, batch_repository().children(record.id)):
        st.button(
            "Open retry",
            icon=":material/replay:",
            key="batches.retry.open",
            on_click=open_batch,
            args=(retry.id,),
            help="The requests that did not succeed are part of that batch. Retry what fails again there.",
        )
        return
    if error := batch_requests().errors.get(key):
        error_card(error)
    is_other_server = not is_on_active_server(record)
    if st.button(
        f"Retry {format_count(left, 'request')}",
        icon=":material/replay:",
        type="primary",
        key="batches.retry",
        disabled=batch_requests().is_running(key) or is_other_server,
        help="The requests that succeeded are not sent again.",
    ):
        _start(record, key)


def queue_button(record: BatchRecord) -> None:
    """Draw the choice to submit a batch again that was more than the queue of its model had room for."""
    limit = queue_limit_of(record)
    # The file of a batch that was made elsewhere is not here.
    if (
        limit is None
        or record.status != BatchStatus.FAILED
        or not batch_folder(record.id).input_file.exists()
    ):
        return
    if limit and record.tokens > limit:
        st.caption(
            f"This batch has about {record.tokens:,} tokens, the queue of the model takes {limit:,}. "
            "Split its requests into several batches."
        )
    elif record.waits_for_queue:
        st.caption(
            "It is submitted also while this page is closed. After a restart of the app, open this page once."
        )
        st.button("Do not submit again", key="batches.queue.stop", on_click=_wait, args=(record, False))
    else:
        st.button(
            "Submit again when the queue has room",
            icon=":material/schedule_send:",
            type="primary",
            key="batches.queue.wait",
            disabled=not is_on_active_server(record),
            on_click=_wait,
            args=(record, True),
            help="As soon as other batches of this model have ended, also while this page is closed.",
        )


def _wait(record: BatchRecord, waits: bool) -> None:
    repository = batch_repository()
    repository.update(record.id, lambda current: replace(current, waits_for_queue=waits))
    if waits:
        queue_watch().start(repository, session.profile(), server_address())
    batch_polling().refresh()


def _start(record: BatchRecord, key: str) -> None:
    from core.batches.retry import save_retry

    retries, repository, profile = session.session_object(_Retries), batch_repository(), session.profile()
    retries.ids.pop(record.id, None)
    # As the batch itself did, or because there is no other way.
    is_now = bool(record.job_id) or not batch_polling().has_batch_api
    service = run_now_service() if is_now else None

    async def send(_client: object) -> None:
        new = await asyncio.to_thread(save_retry, repository, record, data_directory())
        if service:
            await service.start(new, profile)
        else:
            submission_jobs().start([new], repository, profile)
        retries.ids[record.id] = new.id

    batch_requests().start(key, send)
    if record.id in retries.ids:
        open_batch(retries.ids[record.id])
    st.rerun()
