"""Submit a batch, so that it is created once whatever fails in between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from core.batches.batch import METADATA_KEY, BatchRecord, BatchStatus
from core.batches.limits import LIST_LIMITS
from core.batches.remote.lease import renewed_lease
from core.batches.remote.remote_batch import metadata_of, updated_from
from core.batches.remote.remote_errors import no_batch_api
from core.batches.repository import BatchRepository
from core.errors.types import NotFound, PlaygroundError
from core.http.limits import response_limits

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch
    from openai.types.batch_create_params import BatchCreateParams

# The clock of the server may be behind ours.
_CLOCK_TOLERANCE = timedelta(days=1)
_MAX_LISTED = 10_000


async def submit(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord, path: Path
) -> BatchRecord:
    """Upload the input file at *path* and create the batch of *record*, which is saved at each step.

    A record whose submission was interrupted is continued: its batch and its file are looked up by our id
    first. Raises what the SDK raises, and PlaygroundError if the server has no Batch API or another process
    submits the batch now.
    """
    await asyncio.to_thread(_save_new, repository, record)
    async with _lease(repository, record.id):
        record = await asyncio.to_thread(repository.get, record.id)
        if record.status != BatchStatus.PREPARED:
            return record
        return await _continue_submission(client, repository, record, path)


def _save_new(repository: BatchRepository, record: BatchRecord) -> None:
    try:
        repository.get(record.id)
    except NotFound:
        repository.save(record)


@asynccontextmanager
async def _lease(repository: BatchRepository, batch_id: str) -> AsyncIterator[None]:
    if not await asyncio.to_thread(repository.claim, batch_id):
        current = await asyncio.to_thread(repository.get, batch_id)
        if current.status == BatchStatus.PREPARED:
            raise PlaygroundError("This batch is being submitted.", "Wait until it appears in the list.")
        yield
        return

    async with renewed_lease(repository, batch_id):
        yield


async def _continue_submission(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord, path: Path
) -> BatchRecord:
    from openai import NotFoundError

    file_id = record.input_file_id
    if record.upload_started:
        with no_batch_api(), response_limits(LIST_LIMITS):
            batch = await find_batch(client, record)
            if batch:
                return await asyncio.to_thread(
                    repository.update, record.id, partial(updated_from, batch=batch)
                )
            file_id = file_id or await _find_file(client, record)
    else:
        # Saved before the first request, so that an interruption from here on is noticed.
        await asyncio.to_thread(repository.update, record.id, partial(replace, upload_started=True))
    if file_id is None:
        # Our id is the name of the file, by which it is looked up.
        with path.open("rb") as file, no_batch_api():
            uploaded = await client.files.create(file=(_file_name(record), file), purpose="batch")
        file_id = uploaded.id
    await asyncio.to_thread(repository.update, record.id, partial(replace, input_file_id=file_id))
    try:
        batch = await _create(client, record, file_id)
    except NotFoundError:
        # Either there are no batches, or the model or the file is unknown, which may have been deleted.
        with no_batch_api():
            await client.batches.list(limit=1)
        await asyncio.to_thread(repository.update, record.id, partial(replace, input_file_id=None))
        raise
    return await asyncio.to_thread(repository.update, record.id, partial(updated_from, batch=batch))


async def _create(client: "AsyncOpenAI", record: BatchRecord, file_id: str) -> "Batch":
    params = {
        "input_file_id": file_id,
        "endpoint": record.endpoint,
        "completion_window": "24h",
        "metadata": {METADATA_KEY: record.id, "title": record.title[:512]},
    }
    # A retry by the SDK after a lost response would create a second batch.
    return await client.with_options(max_retries=0).batches.create(**cast("BatchCreateParams", params))


async def find_batch(client: "AsyncOpenAI", record: BatchRecord) -> "Batch | None":
    """Return the batch that an interrupted submission has created. Raises what the SDK raises."""
    oldest = (record.created_at - _CLOCK_TOLERANCE).timestamp()
    seen = 0
    async for batch in client.batches.list(limit=100):
        if metadata_of(batch).get(METADATA_KEY) == record.id:
            return batch
        seen += 1
        if (batch.created_at and batch.created_at < oldest) or seen >= _MAX_LISTED:
            break
    return None


async def _find_file(client: "AsyncOpenAI", record: BatchRecord) -> str | None:
    seen = 0
    async for file in client.files.list(purpose="batch", order="desc", limit=1_000):
        if file.filename == _file_name(record) and file.bytes == record.input_bytes:
            return file.id
        seen += 1
        if seen >= _MAX_LISTED:
            break
    return None


def _file_name(record: BatchRecord) -> str:
    return f"{record.id}.jsonl"
