"""Cancel a batch whatever its state is: also one that is being submitted, or waits for that."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.remote.lease import renewed_lease
from core.batches.remote.remote_batch import updated_from
from core.batches.remote.service import cancel
from core.batches.remote.submission import find_batch
from core.batches.repository import BatchRepository

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_POLL_INTERVAL = 0.2
_CANCELLABLE = (BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING)


async def cancel_for_good(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord
) -> BatchRecord:
    """Cancel a batch so that nothing submits it any more either. One that has ended stays as it is.

    Raises what the SDK raises.
    """
    record = await asyncio.to_thread(repository.get, record.id)
    # While its lease is taken, it is being submitted: only after that can it be cancelled on the server.
    while record.status == BatchStatus.PREPARED:
        if await asyncio.to_thread(repository.claim, record.id):
            async with renewed_lease(repository, record.id):
                record = await _cancel_unsubmitted(client, repository, record)
        else:
            await asyncio.sleep(_POLL_INTERVAL)
            record = await asyncio.to_thread(repository.get, record.id)
    if record.waits_for_queue:
        change = partial(replace, waits_for_queue=False)
        record = await asyncio.to_thread(repository.update, record.id, change)
    if record.remote_id and record.status in _CANCELLABLE:
        return await cancel(client, repository, record)
    return record


async def _cancel_unsubmitted(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord
) -> BatchRecord:
    """Make a prepared batch one that was cancelled, unless an interrupted submission has created it."""
    record = await asyncio.to_thread(repository.get, record.id)
    batch = None if record.can_run_now else await find_batch(client, record)
    if batch is None:
        change = partial(replace, status=BatchStatus.CANCELLED)
        return await asyncio.to_thread(repository.update, record.id, change)
    return await asyncio.to_thread(repository.update, record.id, partial(updated_from, batch=batch))
