"""The check of an input file: its progress, the findings by line, and the corrections to confirm."""

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

import streamlit as st

from components.batches.new_batch.input_source import use_as_rows
from components.batches.results.downloads import file_download
from components.ui.error_card import error_card
from components.ui.formatting import format_bytes, format_count, format_seconds, plural
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.batches.check.finding_list import FindingList
from core.batches.check.fixes import FIXES
from core.files.csv_table import table_csv

if TYPE_CHECKING:
    from core.batches.check.findings import CheckReport, FindingKind, LineFinding
    from core.batches.draft import BatchDraft, CheckedFile

_REFRESH_INTERVAL = 0.4
_MAX_LISTED_LINES = 8
_MAX_LISTED_PARTS = 10
_MAX_DIFF_LINES = 40
_MAX_DIFF = 1_500
_FINDINGS_PAGE = 100
_MAX_DOWNLOADED = 100_000
_ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]"}


def check_report(draft: "BatchDraft") -> "CheckReport | None":
    """Draw the progress or the result of the check, and return the report once it has ended."""
    if draft.is_busy:
        _progress(draft)
        return None
    task = draft.task
    assert task
    if task.error:
        error_card(task.error)
    elif task.is_stopped:
        st.info("Stopped.", icon=":material/stop:")
    if draft.checked is None:
        return None
    checked = draft.checked
    _summary(checked.report, task.seconds)
    _verdict(checked)
    _next_steps(draft, checked)
    if not checked.changes:
        _findings(checked)
        return checked.report
    findings, corrections = st.columns(2, gap="large")
    with findings:
        _findings(checked)
    with corrections:
        _corrections(draft, checked)
    return checked.report


def _next_steps(draft: "BatchDraft", checked: "CheckedFile") -> None:
    """Draw what can be done with the file besides the corrections that are listed by line."""
    if checked.original:
        _corrected(draft, checked)
    if checked.original or not checked.changes:
        _leave_out(draft, checked.report)
    if draft.source == "upload" and draft.upload and draft.upload.format == "csv":
        st.info("This is a table. Use it with a prompt template.", icon=":material/table:")
        st.button("Use as rows", key="batches.check.rows", on_click=use_as_rows, args=(draft,))


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _progress(draft: "BatchDraft") -> None:
    task = draft.task
    if task is None or not task.is_running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        done = min(task.done / max(task.total, 1), 1.0)
        st.progress(done, f"{task.activity}… {done:.0%}")
        st.button("Stop", icon=":material/stop:", key="batches.check.stop", on_click=draft.stop)


def _summary(report: "CheckReport", seconds: float) -> None:
    # Only valid lines are measured.
    lines = "" if report.file else " in the valid lines"
    facts = (
        format_count(report.lines, "request"),
        f"about {format_count(report.tokens, 'input token')}{lines}" if report.tokens else "",
        format_bytes(report.bytes),
        report.model or "",
        report.endpoint or "",
        f"checked in {format_seconds(seconds)}",
    )
    st.caption(escape_markdown(" · ".join(filter(None, facts))))


def _verdict(checked: "CheckedFile") -> None:
    report = checked.report
    if checked.parts:
        text = f"Every line is valid. The file was split into {len(checked.parts):,} batches."
        st.success(text, icon=":material/call_split:")
        sizes = " + ".join(f"{part.lines:,}" for part in checked.parts[:_MAX_LISTED_PARTS])
        more = " + …" if len(checked.parts) > _MAX_LISTED_PARTS else ""
        st.caption(f"{sizes}{more} requests")
    elif report.can_submit:
        st.success("The file can be submitted.", icon=":material/check_circle:")
    elif report.lines:
        text = f"The API would reject this file: {format_count(report.errors, 'error')}."
        st.error(text, icon=":material/error:")
    else:
        st.error("The file has no requests.", icon=":material/error:")


def _corrected(draft: "BatchDraft", checked: "CheckedFile") -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(":material/auto_fix_high: The file was corrected.", width="content")
        st.button("Undo", icon=":material/undo:", key="batches.check.undo", on_click=draft.undo_corrections)
        name = f"{draft.title or 'requests'}-corrected.jsonl"
        file_download("Download corrected file", checked.path, name, "batches.check.download")


def _leave_out(draft: "BatchDraft", report: "CheckReport") -> None:
    """Offer to leave out the lines that only their author can correct."""
    count = len(report.invalid_lines)
    if not 0 < count < report.lines:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{_lines(report.invalid_lines)} cannot be corrected here.", width="content")
        st.button(
            f"Leave out {format_count(count, 'line')}",
            icon=":material/playlist_remove:",
            key="batches.check.leave_out",
            on_click=draft.leave_out_invalid,
            help="The requests of these lines are not made. Undo brings them back.",
        )


def _corrections(draft: "BatchDraft", checked: "CheckedFile") -> None:
    """Draw the first changes, and the button that corrects the whole file."""
    count = sum(count for fix, count in checked.report.fixable.items() if fix != "split")
    total = sum(checked.report.counts.values())
    st.markdown(f"**Corrections:** {count:,} of {format_count(total, 'finding')}")
    st.button(
        f"Correct {format_count(count, 'finding')}",
        icon=":material/auto_fix_high:",
        type="primary",
        key="batches.check.correct",
        on_click=draft.correct,
    )
    st.caption(f"Changes to the first {format_count(len(checked.changes), 'line')}:")
    for change in checked.changes:
        st.markdown(f":small[Line {change.number:,}{'' if change.after else ', removed'}]")
        # The first two lines name the files, and the others that begin with @@ number lines of indented JSON.
        diff = change.diff(_MAX_DIFF_LINES).splitlines()[2:]
        shown = [line for line in diff if not line.startswith("@@")]
        st.code("\n".join(shown) or change.before[:_MAX_DIFF] or " ", "diff", wrap_lines=True)


def _findings(checked: "CheckedFile") -> None:
    """Draw the findings by their kind, and a table of them by line; not what the verdict says."""
    report = checked.report
    listed = [
        finding
        for finding in report.findings
        if finding.code != "empty_file" and not (checked.parts and finding.fix == "split")
    ]
    if not listed:
        return
    groups: dict[FindingKind, list[LineFinding]] = {}
    for finding in listed:
        groups.setdefault(finding.kind, []).append(finding)
    st.markdown("**Findings**")
    st.markdown(
        "\n".join(_group(findings, report.lines_by_kind.get(kind, ())) for kind, findings in groups.items())
    )
    _by_line(FindingList(listed, report.lines_by_kind))


def _by_line(findings: FindingList) -> None:
    """Draw the findings a page at a time, and offer all of them as a file."""
    with st.expander("By line"):
        number = 1
        if len(findings) > _FINDINGS_PAGE:
            st.caption(f"{len(findings):,} findings")
            number = st.pagination(-(-len(findings) // _FINDINGS_PAGE), width=300, key="batches.check.page")
        rows = [_finding_row(finding) for finding in findings.page(number, _FINDINGS_PAGE)]
        downloadable_table(
            rows, "batch-findings", "The findings by line", download=lambda: _findings_csv(findings)
        )
        if len(findings) > _MAX_DOWNLOADED:
            st.caption(f"The file has the first {_MAX_DOWNLOADED:,} findings.")


def _findings_csv(findings: FindingList) -> bytes:
    return table_csv([_finding_row(finding) for finding in islice(findings, _MAX_DOWNLOADED)])


def _finding_row(finding: "LineFinding") -> dict[str, str | int | None]:
    return {
        "line": finding.line,
        "problem": finding.message,
        "parameter": finding.param or "",
        "correction": FIXES.get(finding.fix or "", ""),
        "severity": finding.severity.value,
        "code": finding.code,
    }


def _group(findings: "Sequence[LineFinding]", numbers: "Sequence[int]") -> str:
    """Return the findings of one kind, which lines *numbers* have, as an item of a list in Markdown."""
    first = findings[0]
    lines = f"{_lines(numbers)}: " if numbers else ""
    similar = " …" if len({finding.message for finding in findings}) > 1 else ""
    fix = f" :green-badge[:material/auto_fix_high: {FIXES[first.fix]}]" if first.fix else ""
    message = escape_markdown(first.message)
    return f"- {_ICONS[first.severity]} {lines}{message}{similar} :small[`{first.code}`]{fix}"


def _lines(numbers: "Sequence[int]") -> str:
    """Return the first of *numbers*, and how many more there are."""
    listed = ", ".join(f"{number:,}" for number in numbers[:_MAX_LISTED_LINES])
    rest = len(numbers) - _MAX_LISTED_LINES
    more = f" and {rest:,} more" if rest > 0 else ""
    return f"{plural('line', len(numbers)).capitalize()} {listed}{more}"
