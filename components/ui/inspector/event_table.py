"""The events of a run as a table, and beside it the data of the selected one."""

import json
from collections.abc import Sequence

import streamlit as st

from core.chat.timeline import event_rows
from core.files.csv_injection import escape_cell
from core.json_values import parse_json
from core.redaction import redact
from core.runs.run import Event

_HEIGHT = 360
_MAX_DATA = 20_000


def event_table(events: Sequence[Event], key: str) -> None:
    """Draw a row for each of *events*, and beside them the data of the selected one.

    *key* is a widget key of this run, so that a selection does not apply to the events of another.
    """
    import pyarrow  # type: ignore[import-untyped]  # late: only this table needs it

    rows = event_rows(events)
    columns = {
        "ms": [round(row.at * 1000, 1) for row in rows],
        "gap": [round(row.gap * 1000, 1) for row in rows],
        "event": [row.kind for row in rows],
        "delta": [escape_cell(redact(row.delta)) for row in rows],
        "finish reason": [row.finish_reason for row in rows],
    }
    number = st.column_config.NumberColumn
    table, data = st.columns([3, 2])
    with table:
        selection = st.dataframe(
            pyarrow.table(columns),
            hide_index=True,
            height=_HEIGHT,
            alt="Events with their time, gap, delta and finish reason",
            key=key,
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "ms": number(format="%.1f", width=70, help="Milliseconds after the request was sent"),
                "gap": number(format="%.1f", width=60, help="Milliseconds after the event before"),
                "event": st.column_config.TextColumn(width=70),
                "delta": st.column_config.TextColumn(width=130, help="What the event adds to the reply"),
            },
        )
    with data:
        selected = selection["selection"]["rows"]
        if selected and selected[0] < len(events):
            _event_data(events[selected[0]])
        else:
            st.caption("Select a row to see the data of the event.")


def _event_data(event: Event) -> None:
    try:
        data = json.dumps(parse_json(event.data), indent=2, ensure_ascii=False)
    except ValueError:
        data = event.data
    more = f"\n… {len(data) - _MAX_DATA:,} more characters" if len(data) > _MAX_DATA else ""
    st.code(
        redact(data[:_MAX_DATA]) + more, language=None if more else "json", wrap_lines=True, height=_HEIGHT
    )
