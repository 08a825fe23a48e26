"""The check of an input file: its progress, the findings by line, and the corrections to confirm."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from components.ui.error_card import error_card
from components.ui.formatting import format_bytes, format_count, format_seconds, plural
from components.ui.markdown_escape import escape_markdown
from components.ui.table import downloadable_table
from core.batches.check.fixes import FIXES

if TYPE_CHECKING:
    from core.batches.check.findings import CheckReport, LineFinding
    from core.batches.draft import BatchDraft, CheckedFile

_REFRESH_INTERVAL = 0.4
_MAX_LISTED_LINES = 8
_MAX_DIFF_LINES = 40
_MAX_DIFF = 1_500
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
    _corrections(draft, checked)
    _findings(checked.report)
    return checked.report


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _progress(draft: "BatchDraft") -> None:
    task = draft.task
    if task is None or not task.is_running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(task.done / max(task.total, 1), 1.0), f"{task.activity}…")
        st.button("Stop", icon=":material/stop:", key="batches.check.stop", on_click=draft.stop)


def _summary(report: "CheckReport", seconds: float) -> None:
    facts = (
        format_count(report.lines, "request"),
        f"about {format_count(report.tokens, 'input token')}" if report.tokens else "",
        format_bytes(report.bytes),
        report.model or "",
        report.endpoint or "",
        f"checked in {format_seconds(seconds)}",
    )
    st.caption(escape_markdown(" · ".join(filter(None, facts))))


def _verdict(checked: "CheckedFile") -> None:
    report = checked.report
    if checked.parts:
        text = f"Valid, but too much for one batch. It was split into {len(checked.parts):,} batches."
        st.success(text, icon=":material/call_split:")
    elif report.can_submit:
        st.success("The file can be submitted.", icon=":material/check_circle:")
    elif report.lines:
        text = f"The API would reject this file: {format_count(report.errors, 'error')}."
        st.error(text, icon=":material/error:")
    else:
        st.error("The file has no requests.", icon=":material/error:")


def _corrections(draft: "BatchDraft", checked: "CheckedFile") -> None:
    """Draw what can be corrected with the first changes, and the button that corrects all of it."""
    if checked.original:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(":material/auto_fix_high: The file was corrected.", width="content")
            st.button(
                "Undo", icon=":material/undo:", key="batches.check.undo", on_click=draft.undo_corrections
            )
    fixes = {fix: count for fix, count in checked.report.fixable.items() if fix != "split"}
    if not fixes:
        return
    with st.container(border=True, key="batches-corrections"):
        st.markdown("**Corrections that can be made for you**")
        st.markdown(
            "\n".join(f"- {FIXES[fix]}: {format_count(count, 'line')}" for fix, count in fixes.items())
        )
        with st.expander(f"Changes to the first {format_count(len(checked.changes), 'line')}", expanded=True):
            for change in checked.changes:
                st.caption(f"Line {change.number:,}{'' if change.after else ', removed'}")
                st.code(change.diff(_MAX_DIFF_LINES) or change.before[:_MAX_DIFF], "diff", wrap_lines=True)
        st.button(
            f"Correct {format_count(sum(fixes.values()), 'finding')}",
            icon=":material/auto_fix_high:",
            type="primary",
            key="batches.check.correct",
            on_click=draft.correct,
        )


def _findings(report: "CheckReport") -> None:
    """Draw the findings by their kind, and a table of them by line."""
    if not report.findings:
        return
    groups: dict[str, list[LineFinding]] = {}
    for finding in report.findings:
        groups.setdefault(finding.code, []).append(finding)
    st.markdown("**Findings**")
    st.markdown("\n".join(_group(code, findings, report) for code, findings in groups.items()))
    rows = [
        {
            "line": finding.line,
            "problem": finding.message,
            "parameter": finding.param or "",
            "correction": FIXES.get(finding.fix or "", ""),
            "severity": finding.severity.value,
            "code": finding.code,
        }
        for finding in report.findings
    ]
    is_partial = len(rows) < sum(report.counts.values())
    with st.expander("By line, the first 100 of each kind" if is_partial else "By line"):
        downloadable_table(rows, "batch-findings", "The findings by line")


def _group(code: str, findings: "Sequence[LineFinding]", report: "CheckReport") -> str:
    """Return the findings of one kind as an item of a list in Markdown."""
    first, count = findings[0], report.counts[code]
    numbers = [finding.line for finding in findings if finding.line]
    listed = ", ".join(f"{number:,}" for number in numbers[:_MAX_LISTED_LINES])
    more = f" and {count - _MAX_LISTED_LINES:,} more" if count > _MAX_LISTED_LINES else ""
    lines = f"{plural('line', len(numbers)).capitalize()} {listed}{more}: " if numbers else ""
    similar = " …" if len({finding.message for finding in findings}) > 1 else ""
    return f"- {_ICONS[first.severity]} {lines}{escape_markdown(first.message)}{similar} :small[`{code}`]"
