"""The list of runs, a page at a time, and what can be done with the selected ones."""

import time
from collections.abc import Mapping, Sequence

import streamlit as st

from components.history.actions import deletion_notice, history_actions
from components.history.labels import STATES, capability_label
from components.history.opened_run import run_selection
from components.history.repositories import history_repository
from components.history.run_detail import run_detail
from components.ui.formatting import format_count
from core.history.filter import HistoryFilter
from core.history.repository import HistoryEntry
from core.runs.run import RunState

_PAGE_SIZE = 50
# Seconds between two looks at the calls under way.
_POLL_INTERVAL = 2.0


def run_list(chosen: HistoryFilter, unindexed: int) -> None:
    """Draw the runs that meet the conditions, and the details of the selected one."""
    deletion_notice()
    history = history_repository()
    total, running, is_filtered = history.count(chosen), history.running(chosen), chosen != HistoryFilter()
    if not total and not running:
        _empty(chosen, is_filtered=is_filtered)
        _detail(None)
        return
    pages, number = -(-total // _PAGE_SIZE), 1
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_summary(total, len(running), unindexed), width="content")
        if pages > 1:  # with the conditions in its key, a list with others starts at its first page
            number = st.pagination(
                pages, width=300, max_visible_pages=5, key=f"history.page.{hash(repr(chosen))}"
            )
    entries = history.list(chosen, _PAGE_SIZE, (number - 1) * _PAGE_SIZE)
    if number == 1:
        entries = [*running, *entries]
    excerpts = history.matches(chosen, [entry.run_id for entry in entries]) if chosen.search.strip() else {}
    selected = [entries[row] for row in _table(entries, excerpts) if row < len(entries)]
    ended = [entry.run_id for entry in selected if entry.state is not RunState.RUNNING]
    if total and (ended or not selected):
        history_actions(chosen, ended, total)
    _detail(selected[0].run_id if len(selected) == 1 else None)
    if running and not selected:  # which would be lost
        _follow([entry.run_id for entry in running], chosen, time.monotonic())


@st.fragment(run_every=_POLL_INTERVAL)
def _follow(running: Sequence[str], chosen: HistoryFilter, drawn_at: float) -> None:
    """Draw the page again when another call is under way than *running*, some time after *drawn_at*."""
    is_due = time.monotonic() - drawn_at > _POLL_INTERVAL / 2
    if is_due and [entry.run_id for entry in history_repository().running(chosen)] != running:
        st.rerun()


def _summary(total: int, running: int, unindexed: int) -> str:
    under_way = f"{running:,} running. " if running else ""
    indexing = f" {format_count(unindexed, 'older run')} will appear here shortly." if unindexed else ""
    return f"{under_way}{format_count(total, 'run')}. Select one to see its request and response.{indexing}"


def _empty(chosen: HistoryFilter, *, is_filtered: bool) -> None:
    if chosen.search.strip():
        st.info("No runs match this search.", icon=":material/search_off:")
    elif is_filtered:
        st.info("No runs match these filters.", icon=":material/filter_list_off:")
    else:
        st.info(
            "No runs yet. Each request that you send on any page is listed here.", icon=":material/history:"
        )


def _detail(selected: str | None) -> None:
    if run_id := run_selection().opened_run(selected):
        run_detail(run_id)


def _table(entries: Sequence[HistoryEntry], excerpts: Mapping[str, str]) -> Sequence[int]:
    """Draw *entries* and return the indexes of the selected ones."""
    # Streamlit forgets the selection when the cells change, as when a run is tagged. By its key, the style
    # sheet hides the download of the table, whose cells are not escaped for a spreadsheet.
    key = f"history.table.{hash((tuple(entries), tuple(excerpts.values())))}"
    default = run_selection().default_rows(key, [entry.run_id for entry in entries])
    import pyarrow  # type: ignore[import-untyped]  # late: only tables need it

    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    selection = st.dataframe(
        pyarrow.table(_columns(entries, excerpts)),
        hide_index=True,
        height=min(420, 38 + 35 * len(entries)),
        alt="Runs, newest first",
        key=key,
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": default}},
        column_config={
            "Time": st.column_config.DatetimeColumn(
                format="MMM D, HH:mm:ss", timezone=st.context.timezone, width=125
            ),
            "Page": text(width=90),
            "Match": text(width=280),
            "Prompt": text(width=190),
            "Reply": text(width=190),
            "Model": text(width=115),
            "Status": text(width=90),
            "Tokens": number(format="localized", width=75),
            "Cost": number(format="$%.6f", width=95),
            "Seconds": number(format="%.2f", width=75),
            "Tags": st.column_config.ListColumn(width=120),
        },
    )
    rows: Sequence[int] = selection["selection"]["rows"]
    return rows


def _columns(entries: Sequence[HistoryEntry], excerpts: Mapping[str, str]) -> dict[str, list[object]]:
    columns: dict[str, list[object]] = {
        "Time": [entry.started_at for entry in entries],
        "Page": [capability_label(entry.capability) for entry in entries],
        "Match": [excerpts.get(entry.run_id, "") for entry in entries],
        "Prompt": [entry.prompt for entry in entries],
        "Reply": [entry.error or entry.reply for entry in entries],
        "Model": [entry.model for entry in entries],
        "Status": [STATES[entry.state] for entry in entries],
        "Tokens": [_tokens(entry) for entry in entries],
        "Cost": [None if entry.cost is None else float(entry.cost) for entry in entries],
        "Seconds": [entry.seconds for entry in entries],
        "Tags": [list(entry.tags) for entry in entries],
    }
    # An empty column has no type.
    return {
        name: cells for name, cells in columns.items() if any(cell not in (None, [], "") for cell in cells)
    }


def _tokens(entry: HistoryEntry) -> int | None:
    if entry.input_tokens is None:
        return None
    return entry.input_tokens + (entry.output_tokens or 0)
