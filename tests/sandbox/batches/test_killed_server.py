"""A batch whose server is killed in each of its states, as the app sees it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from openai import APIConnectionError

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.repository import BatchRepository
from core.client.client import close_http_clients, create_client_async
from tests.sandbox.batches.app_batches import AppBatches, chat_request
from tests.unit.conftest import profile_for

ROOT = Path(__file__).parents[3]
KEY = "sk-test-key"
STATES = (BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS, BatchStatus.FINALIZING)


@asynccontextmanager
async def killed_server(repository: BatchRepository, directory: Path) -> AsyncIterator[AppBatches]:
    """Start a sandbox that keeps its state in *directory*, and kill it at the end."""
    command = [sys.executable, "-m", "core.sandbox", "--port", "0", "--key", KEY, "--latency", "instant"]
    command += ["--directory", str(directory / "sandbox")]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout
        url = (await process.stdout.readline()).decode().split(" at ")[1].split(". ")[0]
        client = await create_client_async(profile_for(url, KEY))
        # Each process has another port.
        yield AppBatches(client, repository, directory, "sandbox")
    finally:
        process.kill()
        await process.wait()


def has_reached(status: BatchStatus, record: BatchRecord) -> bool:
    return record.status == status or not record.status.is_active


async def test_is_followed_to_its_end(repository: BatchRepository, tmp_path: Path) -> None:
    async with killed_server(repository, tmp_path) as batches:
        record = await batches.submit([chat_request(number) for number in range(60)], speed="2")
    for status in STATES:
        async with killed_server(repository, tmp_path) as batches:
            record = await batches.wait(record, partial(has_reached, status))
        # From a server that does not answer, nothing is learnt.
        with pytest.raises(APIConnectionError):
            await batches.refresh()
        assert repository.list() == [record]
    async with killed_server(repository, tmp_path) as batches:
        joined = await batches.join(record)
    await close_http_clients()

    assert joined.headline == "60 of 60 succeeded"
    assert repository.list() == [joined]
