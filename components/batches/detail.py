"""One batch: how far it has come, how long each state took, and what can be done with it."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from components.batches import actions
from components.batches.badge import STATUS_LABELS, cost_text, outcome_badge
from components.batches.polling import REDRAW_INTERVAL, batch_polling
from components.batches.repositories import batch_folder, find_batch, is_in_other_account, is_on_active_server
from components.batches.results.results_table import results
from components.batches.results.retry import lineage
from components.batches.submission import submission_status
from components.batches.url import open_batch, opened_batch
from components.runtime.batches import submission_jobs
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_count, format_dollars, format_duration, relative_time
from components.ui.inspector.snippet_tabs import snippet_options, snippet_tabs
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.batches.batch import BatchRecord, BatchStatus

_SOURCES = {
    "template": "from a template",
    "upload": "from a file",
    "extractor": "from Extractor",
    "retry": "retry",
    "elsewhere": "made elsewhere",
}


def opened_record() -> BatchRecord | None:
    """Return the batch in the URL; one that does not exist any more is removed from it."""
    batch_id = opened_batch()
    record = find_batch(batch_id) if batch_id else None
    if batch_id and record is None:
        open_batch(None)
        # Drawn on the page, it would disappear when the list below it changes.
        st.toast("This batch was deleted.", icon=":material/info:", duration="long")
    return record


def batch_detail(record: BatchRecord) -> None:
    """Draw a batch. While it is active, its progress redraws itself."""
    st.button(
        "All batches",
        icon=":material/arrow_back:",
        type="tertiary",
        key="batches.back",
        on_click=open_batch,
        args=(None,),
    )
    st.header(escape_markdown(record.title), anchor=False)
    facts = (
        record.model,
        record.endpoint,
        _SOURCES[record.source],
        "run now" if record.job_id else "",
        f"created {_ago(record.created_at)}",
        record.remote_id or "",
    )
    st.caption(escape_markdown(" · ".join(filter(None, facts))))
    if is_in_other_account(record):
        text = "This batch was submitted with another key. Switch to that key to follow or cancel it."
        st.info(text, icon=":material/key:")
    elif not is_on_active_server(record):
        server = "the sandbox" if record.base_url == "sandbox" else record.base_url
        text = f"This batch is on {server}. Switch to that server to follow or change it."
        st.info(escape_markdown(text), icon=":material/dns:")
    lineage(record)
    batch_polling().poll(is_active=_is_polled(record))
    is_live = _is_live(record)
    # It is a fragment in any case: a click on a button of a fragment that no longer exists would be lost.
    st.fragment(_status, run_every=REDRAW_INTERVAL if is_live else None)(record.id, record.status, is_live)
    _input_errors(record)
    # Requests that are made now have their results one by one.
    if record.job_id or not record.status.is_active:
        results(record)
    _code(record)


def _is_live(record: BatchRecord) -> bool:
    is_submitting = submission_jobs().is_running(record.id)
    return is_submitting or _is_polled(record) or batch_polling().is_watching


def _is_polled(record: BatchRecord) -> bool:
    return record.status.is_active and is_on_active_server(record)


def _status(batch_id: str, status: BatchStatus, is_live: bool) -> None:
    """Draw what changes while a batch is active, and all of the page when it enters another *status*."""
    polling, now = batch_polling(), datetime.now(UTC)
    # Asked before the batch is read: one whose submission has just ended is not an interrupted one.
    is_submitting = submission_jobs().is_running(batch_id)
    record = find_batch(batch_id)
    if record is None or opened_batch() != batch_id or record.status != status:
        st.rerun()
    polling.poll(is_active=_is_polled(record))
    if _is_live(record) != is_live:
        st.rerun()
    if polling.error:
        error_card(polling.error, ":material/cloud_off:")
    st.markdown(f"{outcome_badge(record)} {_timeline(record, now)}")
    if record.status == BatchStatus.PREPARED:
        submission_status(record, is_submitting=is_submitting)
        return
    _progress(record, now)
    actions.action_row(record)


def _progress(record: BatchRecord, now: datetime) -> None:
    counts, eta = record.counts, record.eta(now)
    if record.status == BatchStatus.IN_PROGRESS and counts.total:
        done = counts.completed + counts.failed
        left = f" · about {format_duration(eta)} left" if eta else ""
        failed = f" · {counts.failed:,} failed" if counts.failed else ""
        st.progress(done / counts.total, f"{done:,} of {format_count(counts.total, 'request')}{failed}{left}")
    facts = [record.waiting_reason() or ""]
    if record.status.is_active and record.expires_at:
        facts.append(f"Expires in {format_duration(max(record.expires_at - now, timedelta()))}.")
    if record.usage and record.usage.total_tokens:
        facts.append(f"{record.usage.input_tokens:,} input and {record.usage.output_tokens:,} output tokens.")
    if cost := cost_text(record, session.profile().kind):
        saving = f", saves {format_dollars(record.saving)}" if record.saving else ""
        comparison = f"{saving} against the same requests without a batch" if saving else ""
        facts.append(f"{cost[0].upper()}{cost[1:]}{comparison}.")
    st.caption(escape_markdown(" ".join(filter(None, facts))))


def _timeline(record: BatchRecord, now: datetime) -> str:
    """Return the states with the time in each, in Markdown."""
    steps = []
    for status, time in record.time_in_states(now):
        # The API sends whole seconds.
        duration = format_duration(time) if time >= timedelta(seconds=1) else "under 1 s"
        steps.append(f":small[{STATUS_LABELS[status]}{f' {duration}' if status.is_active else ''}]")
    return " :material/arrow_right_alt: ".join(steps)


def _input_errors(record: BatchRecord) -> None:
    if not record.errors:
        return
    if record.status == BatchStatus.STOPPED:
        st.error(escape_markdown(record.errors[0].message), icon=":material/error:")
        return
    st.subheader("Why the batch failed", anchor=False)
    rows = [
        {
            "line": "" if error.line is None else f"{error.line:,}",
            "code": error.code,
            "message": error.message,
            "parameter": error.param or "",
        }
        for error in record.errors
    ]
    downloadable_table(rows, f"batch-{record.id[:8]}-errors", "The errors of the batch by line")


def _code(record: BatchRecord) -> None:
    """Draw the code that submits the same input file, once it is asked for."""
    code = st.expander("Code", icon=":material/code:", on_change="rerun", key="batches.code.section")
    if code.open:
        # Late, because the writers of code take long to import.
        from core.batches.snippets import batch_snippets

        with code:
            options = snippet_options(session.profile().base_url)
            input_file = batch_folder(record.id).input_file
            snippets = batch_snippets(record.endpoint, record.title, input_file, options)
            snippet_tabs(snippets, options, f"batches.code.{record.id}")


def _ago(moment: datetime) -> str:
    text = relative_time(moment, datetime.now(UTC))
    return "just now" if text == "now" else f"{text} ago" if text[0].isdigit() and text[-1] in "nhd" else text
