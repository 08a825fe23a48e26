"""Tables with a download that is safe to open in a spreadsheet."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.files.csv_injection import escape_cell
from core.files.csv_table import table_csv


def downloadable_table(
    rows: Sequence[Mapping[str, Any]],
    name: str,
    alt: str,
    pinned: Sequence[str] = (),
    *,
    download: Callable[[], bytes] | None = None,
) -> None:
    """Draw *rows*, with the columns *pinned* always in view, and offer them as a CSV file called *name*.

    If they are a page of more, *download* returns the file.

    The cells are escaped too, because the grid has a download button of its own.
    """
    escaped = [
        {key: escape_cell(value) if isinstance(value, str) else value for key, value in row.items()}
        for row in rows
    ]
    st.dataframe(
        escaped,
        hide_index=True,
        alt=alt,
        key=f"table.{name}",
        column_config={
            **{
                key: st.column_config.NumberColumn(format=text) for key, text in _number_formats(rows).items()
            },
            **{key: st.column_config.Column(pinned=True) for key in pinned},
        },
    )
    st.download_button(
        "Download CSV",
        download or partial(table_csv, rows),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        type="tertiary",
        key=f"table.{name}.download",
    )


def _number_formats(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the format of each column with numbers; one with a float has decimals in all of its rows."""
    return {
        key: text
        for kind, text in ((int, "localized"), (float, "%.3f"))
        for row in rows
        for key, value in row.items()
        if type(value) is kind
    }
