"""The lease of a batch that this process submits or runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from core.batches.repository import BatchRepository

_RENEWAL_INTERVAL = 5.0


@asynccontextmanager
async def renewed_lease(repository: BatchRepository, batch_id: str) -> AsyncIterator[None]:
    """Renew a lease that was claimed, and release it when the block ends."""
    try:
        async with lease_renewal(repository, batch_id):
            yield
    finally:
        await asyncio.to_thread(repository.release, batch_id)


@asynccontextmanager
async def lease_renewal(repository: BatchRepository, batch_id: str) -> AsyncIterator[None]:
    """Renew a lease that was claimed, until it is released or the block ends."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(_RENEWAL_INTERVAL)
            await asyncio.to_thread(repository.renew, batch_id)

    renewing = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing
