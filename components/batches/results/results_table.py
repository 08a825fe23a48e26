"""The results of a batch beside their requests, a page at a time from the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from components.batches.repositories import (
    batch_folder,
    batch_repository,
    find_batch,
    is_on_active_server,
    result_table,
)
from components.batches.results.downloads import export_buttons
from components.batches.results.result_cells import result_cells
from components.batches.results.result_row import result_row
from components.runtime.batches import result_imports
from components.session import session
from components.session.panel_cache import PanelCache
from components.ui.error_card import error_card
from components.ui.formatting import format_count
from components.ui.markdown_escape import escape_markdown
from core.batches.batch import BatchRecord
from core.batches.results.input_lines import request_bodies
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ErrorCluster, ResultTable

_PAGE_SIZE = 50
_REFRESH_INTERVAL = 0.5
_LIVE_INTERVAL = 3.0
_MAX_CLUSTERS = 5
# On a phone it is below the states.
_SEARCH_WIDTH = 320
_ALL = "All"


@dataclass(frozen=True, slots=True)
class _Filter:
    search: str
    state: ResultState | None


@dataclass(slots=True, eq=False)
class _ResultSummaries:
    """The counts and errors of the batches that this session has opened."""

    cache: PanelCache = field(default_factory=PanelCache)


def results(record: BatchRecord) -> None:
    """Draw the results: those of an ended batch, which are imported first, or of requests made now."""
    imports = result_imports()
    is_due = imports.is_due(record) and is_on_active_server(record)
    # Read again: an import may have ended since the page was started.
    if is_due and imports.is_due(batch_repository().get(record.id)):
        _start_import(record)
    if imports.progress(record.id):
        _import_progress(record.id)
        return
    if error := imports.error(record.id):
        error_card(error)
        st.button(
            "Load the results again",
            icon=":material/refresh:",
            key="batches.results.retry",
            on_click=_start_import,
            args=(record,),
        )
    st.fragment(_results, run_every=_LIVE_INTERVAL if record.status.is_active else None)(record.id)


def _start_import(record: BatchRecord) -> None:
    result_imports().start(record, batch_repository(), session.profile())


# A fragment redraws itself without the rest of the page.
@st.fragment(run_every=_REFRESH_INTERVAL)
def _import_progress(batch_id: str) -> None:
    progress = result_imports().progress(batch_id)
    if progress is None:
        st.rerun()
        return
    text = f"{progress.read:,} of {progress.lines:,}" if progress.read else "downloading"
    st.progress(min(progress.read / max(progress.lines, 1), 1.0), f"Loading the results: {text}")


def _summary(record: BatchRecord) -> tuple[dict[ResultState, int], list[ErrorCluster]]:
    """Return how many results are in each state, and the errors: a third of a second for 50,000 results."""
    table = result_table(record.id)
    return session.session_object(_ResultSummaries).cache.get_or_compute(
        record.id,
        None,
        (record.results, record.counts),
        lambda: (table.counts(), table.clusters(_MAX_CLUSTERS + 1)),
    )


def _results(batch_id: str) -> None:
    record = find_batch(batch_id)
    if record is None:
        st.rerun()
    counts, clusters = _summary(record)
    if counts:
        st.subheader("Results", anchor=False)
        _clusters(record.id, clusters)
        _page(record, result_table(record.id), _filter_controls(record.id, counts))
        export_buttons(record)


def _clusters(batch_id: str, clusters: Sequence[ErrorCluster]) -> None:
    """Draw the most frequent errors; each is a button that shows its requests."""
    if not clusters:
        return
    st.markdown("**Errors by cause**")
    with st.container(key="batches-clusters", gap=None):
        for number, cluster in enumerate(clusters[:_MAX_CLUSTERS]):
            message = cluster.message or "No file has a result for this request."
            st.button(
                f"**{cluster.count:,} ×** {escape_markdown(cluster.code)}: {escape_markdown(message[:200])}",
                key=f"batches.cluster.{number}",
                type="tertiary",
                on_click=_show_cluster,
                args=(batch_id, cluster),
                help="Show these requests.",
            )
    if len(clusters) > _MAX_CLUSTERS:
        st.caption(f"These are the {_MAX_CLUSTERS} most frequent ones. Search for the others.")


def _show_cluster(batch_id: str, cluster: ErrorCluster) -> None:
    session.set_widget_value(_search_key(batch_id), cluster.message or cluster.code)
    session.set_widget_value(_state_key(batch_id), _ALL)


def _search_key(batch_id: str) -> str:
    return f"batches.results.search.{batch_id}"


def _state_key(batch_id: str) -> str:
    return f"batches.results.state.{batch_id}"


def _filter_controls(batch_id: str, counts: dict[ResultState, int]) -> _Filter:
    labels: dict[str, str] = {_ALL: f"All {sum(counts.values()):,}"}
    for state in ResultState:
        if state in counts:
            labels[state.value] = f"{state.value.capitalize()} {counts[state]:,}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = st.segmented_control(
            "State",
            list(labels),
            default=_ALL,
            format_func=labels.__getitem__,
            key=_state_key(batch_id),
            required=True,
        )
        search = st.text_input(
            "Search custom IDs, replies and errors",
            key=_search_key(batch_id),
            icon=":material/search:",
            width=_SEARCH_WIDTH,
        )
    return _Filter(search.strip(), None if choice == _ALL else ResultState(choice))


def _page(record: BatchRecord, table: ResultTable, chosen: _Filter) -> None:
    total = table.count(chosen.search, chosen.state)
    if not total:
        st.caption("No results match.")
        return
    pages, number = -(-total // _PAGE_SIZE), 1
    # With the filter in its key, another filter starts at the first page.
    key = f"{record.id}.{chosen.state}.{chosen.search}"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(f"{format_count(total, 'result')}. Select a row to see its request and reply.")
        if pages > 1:
            number = st.pagination(pages, width=300, key=f"batches.results.page.{key}")
    rows = table.page(_PAGE_SIZE, (number - 1) * _PAGE_SIZE, chosen.search, chosen.state)
    bodies = request_bodies(batch_folder(record.id).input_file, (row.number for row in rows))
    selected = result_cells(rows, bodies, f"batches.results.table.{key}.{number}")
    if selected is not None:
        result_row(record, rows[selected], bodies.get(rows[selected].number, {}))
