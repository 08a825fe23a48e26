"""The batch in the URL, which a page that is loaded again shows again."""

import re

import streamlit as st

_PARAMETER = "batch"
_VALID_ID = re.compile(r"[0-9a-f]{32}")


def open_batch(batch_id: str | None) -> None:
    """Show the batch with our id *batch_id* from the next run of the page on, or the list of all."""
    if batch_id:
        st.query_params[_PARAMETER] = batch_id
    else:
        st.query_params.pop(_PARAMETER, None)


def opened_batch() -> str | None:
    """Return our id of the batch to show."""
    batch_id = str(st.query_params.get(_PARAMETER, ""))
    return batch_id if _VALID_ID.fullmatch(batch_id) else None
