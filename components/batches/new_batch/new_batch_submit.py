"""Submit a checked file as a batch, or make its requests now, with the time and cost of both."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components.batches.polling import batch_polling
from components.batches.repositories import server_address
from components.batches.run_now import start_run_now
from components.batches.submission import start_submission
from components.batches.url import open_batch
from components.session import session
from components.ui.formatting import format_count, format_dollars, format_duration
from components.ui.markdown_escape import escape_markdown
from core.batches.check.estimate import DEFAULT_OUTPUT_TOKENS, estimate_batch, estimate_time
from core.batches.limits import enqueued_token_limit
from core.batches.line_requests import ENDPOINTS
from core.paths import data_directory

if TYPE_CHECKING:
    from core.batches.check.estimate import BatchEstimate
    from core.batches.check.findings import CheckReport
    from core.batches.draft import BatchDraft

_MAX_TITLE = 200


def submit_panel(draft: "BatchDraft", report: "CheckReport", on_submit: Callable[[], None]) -> None:
    """Draw title, estimates and the two buttons; *on_submit* is called once the batch is on its way."""
    if report.file is None:
        return
    st.subheader("Submit", anchor=False)
    title_column, tokens_column = st.columns([3, 2])
    title = title_column.text_input(
        "Title", draft.title[:_MAX_TITLE], key=f"batches.submit.title.{draft.id}", max_chars=_MAX_TITLE
    )
    output_tokens = tokens_column.number_input(
        "Expected output tokens per reply",
        0,
        1_000_000,
        DEFAULT_OUTPUT_TOKENS,
        key="batches.submit.output_tokens",
        persist_state="session",
        help="For the estimates only.",
    )
    estimate = estimate_batch(report, datetime.now(UTC), output_tokens)
    times = estimate_time(estimate, report.lines, session.profile().kind)
    _queue_limit(draft, report)
    submit = partial(_submit, draft, title.strip() or draft.title, on_submit)
    batch, now = st.columns(2)
    with batch.container(border=True, key="batches-as-batch"):
        _as_batch(draft, estimate, timedelta(seconds=times.batch), submit)
    with now.container(border=True, key="batches-run-now"):
        _run_now(report, estimate, timedelta(seconds=times.now), submit)
    st.caption(escape_markdown(f"{estimate.basis} {times.basis}"))


def _as_batch(
    draft: "BatchDraft", estimate: "BatchEstimate", time: timedelta, submit: Callable[[bool], None]
) -> None:
    is_sandbox = session.profile().kind == "sandbox"
    saving = f", saves {format_dollars(estimate.saving)}" if estimate.saving else ""
    st.markdown("**As a batch**")
    st.markdown(f":material/schedule: {_time(time) if is_sandbox else 'Within 24 hours'}")
    st.markdown(f":material/payments: {escape_markdown(_cost(estimate.cost_batch) + saving)}")
    parts = draft.checked.parts if draft.checked else ()
    has_batch_api = batch_polling().has_batch_api
    # Not a callback, which would get the title as it was before an edit that the click ends.
    if st.button(
        f"Submit {len(parts):,} batches" if parts else "Submit batch",
        icon=":material/upload:",
        type="primary" if has_batch_api else "secondary",
        key="batches.submit.batch",
        disabled=not has_batch_api,
        help=None if has_batch_api else "This server has no Batch API.",
    ):
        submit(False)


def _run_now(
    report: "CheckReport", estimate: "BatchEstimate", time: timedelta, submit: Callable[[bool], None]
) -> None:
    is_possible = report.endpoint in ENDPOINTS
    st.markdown("**Now, several requests at once**")
    if is_possible:
        st.markdown(f":material/schedule: {_time(time)}")
        st.markdown(f":material/payments: {escape_markdown(_cost(estimate.cost_sync))}")
    else:
        text = f"Not for {report.endpoint}: only requests to {' and '.join(ENDPOINTS)} can be run now."
        st.markdown(f":material/info: {escape_markdown(text)}")
    if st.button(
        "Run now",
        icon=":material/play_arrow:",
        type="secondary" if batch_polling().has_batch_api else "primary",
        key="batches.submit.now",
        disabled=not is_possible,
    ):
        submit(True)


def _time(time: timedelta) -> str:
    return f"About {format_duration(time)}" if time >= timedelta(seconds=1) else "Less than a second"


def _cost(amount: Decimal | None) -> str:
    if amount is None:
        return "Price not known"
    return f"About {format_dollars(amount)} at OpenAI's list price"


def _queue_limit(draft: "BatchDraft", report: "CheckReport") -> None:
    """Draw how many tokens may wait in the queue of the model, and the button that splits the file by it."""
    known = enqueued_token_limit(report.model or "")
    with st.expander(
        "Queue limit", icon=":material/stacks:", expanded=known is not None and report.tokens > known
    ):
        limit = st.number_input(
            f"Tokens of {report.model} that may wait in your organization's queue",
            1,
            None,
            known,
            key=f"batches.submit.queue.{draft.id}",
            placeholder="Not known",
            help="It depends on the usage tier: see the limits page of your account. "
            "The default is the lowest limit that error messages name for the model.",
        )
        if limit is None or report.tokens <= limit:
            st.caption(f"The file has about {format_count(report.tokens, 'input token')}.")
            return
        st.warning(
            f"The file has about {report.tokens:,} input tokens, so the API would reject it as one batch.",
            icon=":material/warning:",
        )
        if draft.checked and draft.checked.parts:
            st.caption("A batch that does not fit into the queue yet is submitted again when it has room.")
        if st.button(
            f"Split into batches of at most {limit:,} tokens",
            icon=":material/call_split:",
            key="batches.submit.split",
        ):
            draft.split(limit)
            st.rerun()


def _submit(draft: "BatchDraft", title: str, on_submit: Callable[[], None], is_now: bool) -> None:
    records = draft.take_records(
        title, session.profile().id, server_address(), data_directory(), is_split=not is_now
    )
    if not records:  # the second click of a double click, or in another tab
        st.rerun()
    if is_now:
        start_run_now(records[0])
    else:
        start_submission(records)
    on_submit()
    open_batch(records[0].id if len(records) == 1 else None)
    st.rerun()
