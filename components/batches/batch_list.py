"""The batches of the active server, the newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import streamlit as st

from components.batches.badge import cost_text, outcome_badge
from components.batches.polling import REDRAW_INTERVAL, batch_polling
from components.batches.repositories import batch_repository, is_in_other_account, server_address
from components.batches.url import open_batch, opened_batch
from components.runtime.batches import submission_jobs
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_duration, relative_time
from components.ui.markdown_escape import escape_markdown
from core.batches.batch import BatchRecord, BatchStatus

_PAGE = 20
_MAX_TITLE = 80
_NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(slots=True, eq=False)
class _ListSize:
    """How many batches the list shows."""

    limit: int = _PAGE

    def show_more(self) -> None:
        self.limit += _PAGE


def batch_list(*, has_batches: bool) -> None:
    """Draw a row for each batch, which opens it. While one of them is active, the list redraws itself.

    *has_batches* is whether there were any when the page above the list was drawn.
    """
    polling, is_active = batch_polling(), any(map(_is_active, _records()))
    polling.poll(is_active=is_active)
    is_live = polling.is_watching or is_active
    # It is a fragment in any case: a click on a row of a fragment that no longer exists would be lost.
    st.fragment(_rows, run_every=REDRAW_INTERVAL if is_live else None)(is_live, has_batches)


def has_batches() -> bool:
    """Whether there is a batch of the active server."""
    return bool(batch_repository().list(server_address(), limit=1))


def _records() -> list[BatchRecord]:
    return batch_repository().list(server_address(), session.session_object(_ListSize).limit + 1)


def _is_active(record: BatchRecord) -> bool:
    is_active = record.status.is_active and not is_in_other_account(record)
    return is_active or submission_jobs().is_running(record.id)


def _rows(is_live: bool, has_batches: bool) -> None:
    polling, size, records = batch_polling(), session.session_object(_ListSize), _records()
    is_active = any(map(_is_active, records))
    polling.poll(is_active=is_active)
    is_changed = is_live != (polling.is_watching or is_active) or has_batches != bool(records)
    if opened_batch() or is_changed:
        st.rerun()
    if not polling.has_batch_api:
        st.info(
            "**This server has no Batch API.** Prepare the requests here, and run them now.",
            icon=":material/info:",
        )
    if polling.error:
        error_card(polling.error, ":material/cloud_off:")
    records = _search(records, size.limit + 1)
    _row_buttons(records[: size.limit])
    with st.container(horizontal=True, gap="xsmall"):
        if len(records) > size.limit:
            st.button("Show more", key="batches.more", on_click=size.show_more)
        if has_batches or not polling.has_batch_api:
            st.button(
                "Refresh",
                icon=":material/refresh:",
                type="tertiary",
                key="batches.refresh",
                on_click=polling.refresh,
                help="Also lists batches that were made elsewhere.",
            )


def _row_buttons(records: Sequence[BatchRecord]) -> None:
    with st.container(key="batches-list", gap="xsmall"):
        for record in records:
            st.button(
                _row_text(record),
                key=f"batches.open.{record.id}",
                on_click=open_batch,
                args=(record.id,),
                width="stretch",
            )


def _search(records: list[BatchRecord], limit: int) -> list[BatchRecord]:
    """Draw the search of a list that has several pages, and return what it shows of all batches."""
    if len(records) <= _PAGE:
        return records
    text: str = st.text_input(
        "Search batches",
        key="batches.search",
        placeholder="Search by title or model",
        icon=":material/search:",
        label_visibility="collapsed",
        persist_state="session",
    )
    if not text.strip():
        return records
    matching = batch_repository().list(server_address(), limit, search=text.strip())
    if not matching:
        st.caption("No batches match.")
    return matching


def _row_text(record: BatchRecord) -> str:
    now = datetime.now(UTC)
    eta = record.eta(now)
    facts = (
        record.model,
        record.endpoint,
        format_count(record.lines, "request") if record.lines else "",
        relative_time(record.created_at, now),
        f"about {format_duration(eta)} left" if eta else "",
        cost_text(record, session.profile().kind),
        {"elsewhere": "made elsewhere", "retry": "retry"}.get(record.source, ""),
        "with another key" if is_in_other_account(record) else "",
        "run now" if record.job_id else "",
        "waiting for the queue" if record.waits_for_queue and record.status == BatchStatus.FAILED else "",
    )
    title = record.title if len(record.title) <= _MAX_TITLE else f"{record.title[: _MAX_TITLE - 1]}…"
    # A fact that does not fit is in the next line as a whole.
    details = " · ".join(escape_markdown(fact).replace(" ", _NO_BREAK_SPACE) for fact in facts if fact)
    return f"**{escape_markdown(title)}** {outcome_badge(record)} :small[{details}]"
