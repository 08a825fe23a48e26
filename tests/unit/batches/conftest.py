"""A saved batch that has not been submitted, and the client for the server of a test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.batch import BatchRecord, prepare_batch
from core.batches.folder import batch_folder
from core.batches.input.request_line import RequestLine, write_lines
from core.batches.repository import BatchRepository
from core.client.client import close_http_clients, create_client_async
from core.storage.store import Store
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MODEL = "gpt-6-luna"


@pytest.fixture
def repository(store: Store) -> BatchRepository:
    return BatchRepository(store)


@pytest.fixture
def prepare(repository: BatchRepository, tmp_path: Path) -> Callable[..., BatchRecord]:
    """Save the batch of a file with the requests *ids* for the server at *url*."""

    def make(
        url: str = "http://x/v1", ids: tuple[str, ...] = ("a", "b", "c"), model: str = MODEL
    ) -> BatchRecord:
        body = {"model": model, "messages": [{"role": "user", "content": "안녕"}]}
        lines = [RequestLine(custom_id, body, "/v1/chat/completions") for custom_id in ids]
        written = write_lines(tmp_path / "written.jsonl", lines)
        record = prepare_batch(written, "test", url, "Title")
        path = batch_folder(tmp_path, record.id).input_file
        path.parent.mkdir(parents=True)
        written.path.replace(path)
        repository.save(record)
        return record

    return make


@pytest.fixture
async def connect() -> AsyncIterator[Callable[[str], Awaitable["AsyncOpenAI"]]]:
    """Make the client of the app for a URL."""

    async def make(url: str) -> "AsyncOpenAI":
        return await create_client_async(profile_for(url))

    yield make
    await close_http_clients()
