"""The files on the server: list and delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.batches.new_batch.requests import batch_requests
from components.batches.repositories import server_address
from components.session import session
from components.ui.error_card import error_card
from components.ui.formatting import format_bytes, format_count, format_duration, relative_time
from core.batches.remote.remote_batch import parse_time
from core.files.csv_injection import escape_cell

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import FileObject

_REFRESH_INTERVAL = 0.5
_LIST, _DELETE = "files.list", "files.delete"


@dataclass(slots=True, eq=False)
class _ServerFiles:
    """The files of the server at *address* as they were last listed; None before that."""

    address: str = ""
    files: "list[FileObject] | None" = None
    # Part of the key of the table, which then has no selection.
    version: int = 0

    async def load(self, client: "AsyncOpenAI") -> None:
        from core.batches.remote.service import list_files

        self.files = await list_files(client)
        self.version += 1

    async def delete(self, client: "AsyncOpenAI", file_ids: Sequence[str]) -> None:
        from core.batches.remote.service import delete_files

        await delete_files(client, file_ids)
        await self.load(client)


def files_section() -> None:
    """Draw the files of the server once they are asked for."""
    section = st.expander(
        "Files on the server", icon=":material/folder:", on_change="rerun", key="batches.files.section"
    )
    if section.open:
        with section:
            _files()


def _files() -> None:
    state, requests = session.session_object(_ServerFiles), batch_requests()
    if state.address != server_address():
        state.address, state.files = server_address(), None
        requests.start(_LIST, state.load)
    is_busy = requests.is_running(_LIST) or requests.is_running(_DELETE)
    st.fragment(_table, run_every=_REFRESH_INTERVAL if is_busy else None)(is_busy)


def _table(is_busy: bool) -> None:
    state, requests = session.session_object(_ServerFiles), batch_requests()
    if is_busy != (requests.is_running(_LIST) or requests.is_running(_DELETE)):
        st.rerun()
    for key in (_LIST, _DELETE):
        if error := requests.errors.get(key):
            error_card(error)
    files = state.files or []
    selected: Sequence[int] = []
    if files:
        selection = st.dataframe(
            [_row(file) for file in files],
            hide_index=True,
            on_select="rerun",
            selection_mode="multi-row",
            key=f"batches.files.table.{state.version}",
            alt="The files on the server",
        )
        selected = selection["selection"]["rows"]
    elif state.files is not None:
        st.caption("There are no files.")
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(
            f"Delete {format_count(len(selected), 'file')}" if selected else "Delete",
            icon=":material/delete:",
            key="batches.files.delete",
            disabled=not selected or is_busy,
            help="Select files first. Results that were loaded here stay.",
        ):
            ids = [files[index].id for index in selected if index < len(files)]
            requests.start(_DELETE, lambda client: state.delete(client, ids))
            st.rerun()
        if st.button(
            "Refresh", icon=":material/refresh:", type="tertiary", key="batches.files.list", disabled=is_busy
        ):
            requests.start(_LIST, state.load)
            st.rerun()


def _row(file: "FileObject") -> dict[str, Any]:
    now = datetime.now(UTC)
    created, expires = parse_time(file.created_at), parse_time(file.expires_at)
    return {
        "file": escape_cell(file.filename or ""),
        "purpose": file.purpose,
        "size": format_bytes(file.bytes or 0),
        "created": relative_time(created, now) if created else "",
        "expires in": format_duration(max(expires - now, timedelta())) if expires else "",
        "id": file.id,
    }
