"""Follow the batches of a server: refresh, cancel, download and clean up."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.batches.account import is_in_account
from core.batches.batch import METADATA_KEY, BatchRecord, BatchStatus
from core.batches.folder import BatchFolder
from core.batches.input.request_line import replace_file
from core.batches.limits import LIST_LIMITS
from core.batches.remote.remote_batch import metadata_of, record_of, updated_from, valid_batches
from core.batches.remote.remote_errors import no_batch_api
from core.batches.repository import BatchRepository
from core.errors.types import NotFound
from core.http.limits import ResponseLimits, response_limits

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch, FileObject

# The embeddings of 50,000 texts have 1.7 GB.
_MAX_FILE_BYTES = 4 * 2**30
_MAX_FILES = 1_000


async def refresh(
    client: "AsyncOpenAI",
    repository: BatchRepository,
    profile_id: str,
    base_url: str,
    account: str = "",
) -> list[BatchRecord]:
    """Update the saved batches of a server and return them, the newest first.

    One request lists the newest hundred; only active batches that are not among them are retrieved one by
    one. Batches that were created elsewhere are added. What the server does not know is no longer there only
    if it belongs to *account*. Raises what the SDK raises, and NoBatchApi.
    """
    records = await asyncio.to_thread(repository.list, base_url)
    with no_batch_api(), response_limits(LIST_LIMITS):
        response = await client.batches.with_raw_response.list(limit=100)
    page = await asyncio.to_thread(response.parse)
    by_remote_id = {record.remote_id: record for record in records if record.remote_id}
    # The list is newest first; saved the other way round, the newest is the last row here as well.
    listed = valid_batches(page.data)[::-1]
    for batch in listed:
        known = by_remote_id.get(batch.id)
        change = partial(updated_from, batch=batch, account=account)
        if known is None or change(known) != known:
            new = record_of(batch, profile_id, base_url, account)
            own_id = str(metadata_of(batch).get(METADATA_KEY, ""))
            await asyncio.to_thread(repository.merge, new, own_id, change)
    for record in by_remote_id.values():
        if record.status.is_active and record.remote_id not in {batch.id for batch in listed}:
            with suppress(NotFound):  # deleted here meanwhile
                await _retrieve(client, repository, record, account)
    return await asyncio.to_thread(repository.list, base_url)


async def _retrieve(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord, account: str
) -> BatchRecord:
    from openai import NotFoundError

    try:
        with response_limits(LIST_LIMITS):
            batch = await client.batches.retrieve(record.remote_id or "")
    except NotFoundError:
        if not is_in_account(record, account):
            return record
        change = partial(replace, status=BatchStatus.GONE)
    else:
        change = partial(updated_from, batch=batch, account=account)
    return await asyncio.to_thread(repository.update, record.id, change)


async def cancel(client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord) -> BatchRecord:
    """Cancel a batch. One that ended meanwhile, or is gone, is only updated."""
    from openai import BadRequestError, ConflictError, NotFoundError

    try:
        batch: Batch = await client.batches.cancel(record.remote_id or "")
    except (BadRequestError, ConflictError, NotFoundError):
        updated = await _retrieve(client, repository, record, record.account)
        if updated.status.is_active:
            raise
        return updated
    return await asyncio.to_thread(repository.update, record.id, partial(updated_from, batch=batch))


async def download_results(client: "AsyncOpenAI", record: BatchRecord, folder: BatchFolder) -> None:
    """Download the output and error files of an ended batch that are not in *folder* yet.

    An expired or cancelled batch has results as well. A batch made elsewhere also gets its input file, unless
    that was deleted. Raises what the SDK raises.
    """
    from openai import NotFoundError

    if not folder.input_file.exists() and record.input_file_id:
        # The results are complete without it, but it is not known which lines are missing.
        with suppress(NotFoundError):
            await download_file(client, record.input_file_id, folder.input_file)
    for file_id, path in (
        (record.output_file_id, folder.output_file),
        (record.error_file_id, folder.error_file),
    ):
        if file_id and not path.exists():
            await download_file(client, file_id, path)


async def download_file(client: "AsyncOpenAI", file_id: str, path: Path) -> None:
    """Stream a file to *path*, which exists only once it is complete. Raises what the SDK raises."""
    with response_limits(ResponseLimits(body=_MAX_FILE_BYTES)), replace_file(path) as file:
        async with client.files.with_streaming_response.content(file_id) as response:
            async for part in response.iter_bytes(2**20):
                await asyncio.to_thread(file.write, part)


async def list_files(client: "AsyncOpenAI") -> "list[FileObject]":
    """Return the newest thousand files of the server. Raises what the SDK raises, and NoBatchApi."""
    files = []
    with no_batch_api(), response_limits(LIST_LIMITS):
        async for file in client.files.list(order="desc", limit=_MAX_FILES):
            files.append(file)
            if len(files) == _MAX_FILES:
                break
    return files


async def delete_files(client: "AsyncOpenAI", file_ids: Sequence[str | None]) -> int:
    """Delete files on the server and return how many existed. Raises what the SDK raises."""
    from openai import NotFoundError

    deleted = 0
    for file_id in filter(None, file_ids):
        try:
            await client.files.delete(file_id)
        except NotFoundError:
            continue
        deleted += 1
    return deleted
