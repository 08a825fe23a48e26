"""Download the files of a batch, and delete them."""

import re
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import streamlit as st

from components.batches.new_batch.requests import batch_requests
from components.batches.repositories import (
    batch_folder,
    batch_repository,
    is_on_active_server,
    result_table,
)
from components.batches.url import open_batch
from components.runtime.batches import result_imports
from components.ui.error_card import error_card
from components.ui.formatting import format_bytes, format_count
from core.batches.batch import BatchRecord, BatchStatus

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from core.batches.results.export import ExportFormat

_FORMATS: dict["ExportFormat", tuple[str, str]] = {
    "csv": ("CSV", "text/csv"),
    "jsonl": ("JSON Lines", "application/x-ndjson"),
    "parquet": ("Parquet", "application/vnd.apache.parquet"),
}

# Streamlit keeps what is downloaded in memory, also what it reads from a file.
_MAX_DOWNLOAD = 256 * 1024**2


def download_menu(record: BatchRecord) -> None:
    """Draw the downloads of the files that are on this computer."""
    folder = batch_folder(record.id)
    files = {"Input": folder.input_file, "Output": folder.output_file, "Errors": folder.error_file}
    sizes = {label: _size(path) for label, path in files.items()}
    if not any(sizes.values()):
        return
    with st.popover("Files", icon=":material/download:", key="batches.files"):
        for label, path in files.items():
            if sizes[label]:
                name = f"{_file_name(record.remote_id or record.id)}-{path.name}"
                file_download(label, path, name, f"batches.download.{label}")


def file_download(label: str, path: Path, name: str, key: str) -> None:
    """Draw the download of a file of requests or results, or where it is if it is too large for that."""
    size = _size(path)
    if size > _MAX_DOWNLOAD:
        st.markdown(
            f"{label} :small[{format_bytes(size)}, too large to download here. The server has it as:]"
        )
        st.code(str(path), language=None, wrap_lines=True)
        return
    st.download_button(
        f"{label} :small[{format_bytes(size)}]",
        # Called on a click.
        path.read_bytes,
        name,
        "application/jsonl",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=key,
    )


def export_buttons(record: BatchRecord) -> None:
    """Draw the downloads of the results beside their requests, in several formats."""
    folder = batch_folder(record.id)
    if sum(map(_size, (folder.input_file, folder.output_file, folder.error_file))) > _MAX_DOWNLOAD:
        st.caption(
            f"Requests and results of more than {format_bytes(_MAX_DOWNLOAD)} cannot be exported together. "
            "Their files are under Files."
        )
        return
    name = _file_name(record.title)
    with st.container(horizontal=True, gap="xsmall"):
        for file_format, (title, media_type) in _FORMATS.items():
            st.download_button(
                title,
                # Called on a click.
                partial(_export, record.id, file_format),
                f"{name}.{file_format}",
                media_type,
                icon=":material/download:",
                on_click="ignore",
                key=f"batches.export.{file_format}",
            )


def _file_name(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text).strip("-")[:60] or "batch"


def _export(batch_id: str, file_format: "ExportFormat") -> bytes:
    from core.batches.results.export import export_results

    folder = batch_folder(batch_id)
    with TemporaryDirectory() as directory:
        path = Path(directory) / "results"
        export_results(result_table(batch_id), folder.input_file, file_format, path)
        return path.read_bytes()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def delete_menu(record: BatchRecord) -> None:
    """Draw what of an ended batch can be deleted: the files on the server, or a batch that is not there."""
    file_ids = [record.input_file_id, record.output_file_id, record.error_file_id]
    remote = [file_id for file_id in file_ids if file_id and record.remote_id]
    is_here_only = not record.remote_id or record.status == BatchStatus.GONE
    if record.status.is_active or not (remote or is_here_only):
        return
    key = f"{record.id}.delete"
    if error := batch_requests().errors.get(key):
        error_card(error)
    with st.popover("Delete", icon=":material/delete:", key="batches.delete"):
        if remote:
            st.markdown(
                "Deletes the input, output and error file on the server. The copies and results here stay."
            )
            if st.button(
                f"Delete {format_count(len(remote), 'file')} on the server",
                key="batches.delete.files",
                disabled=batch_requests().is_running(key)
                or not is_on_active_server(record)
                or result_imports().is_due(record),
            ):
                batch_requests().start(key, partial(_delete_files, file_ids=remote))
                st.rerun()
            if key in batch_requests().succeeded:
                st.markdown(":green[:material/check: The files on the server are deleted.]")
        if is_here_only:
            st.markdown("Deletes the batch with its files and results. It is not on the server.")
            st.button("Delete this batch", key="batches.delete.batch", on_click=_delete, args=(record,))


async def _delete_files(client: "AsyncOpenAI", file_ids: list[str]) -> None:
    from core.batches.remote.service import delete_files

    await delete_files(client, file_ids)


def _delete(record: BatchRecord) -> None:
    batch_repository().delete(record.id)
    batch_folder(record.id).delete()
    open_batch(None)
