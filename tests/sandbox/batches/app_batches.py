"""Submit a batch as the app does, and wait for its end."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.batches.batch import BatchRecord, BatchStatus, prepare_batch
from core.batches.folder import batch_folder
from core.batches.input.request_line import RequestLine, write_lines
from core.batches.remote.service import download_results, refresh
from core.batches.remote.submission import submit
from core.batches.repository import BatchRepository
from core.batches.results.results import import_results

if TYPE_CHECKING:
    from openai import AsyncOpenAI

CHAT_URL = "/v1/chat/completions"
_TIMEOUT = 60


def chat_request(number: int, text: str = "항목 요약", **body: object) -> RequestLine:
    messages = [{"role": "user", "content": f"{number} {text}"}]
    return RequestLine(f"line-{number}", {"model": "gpt-4o-mini", "messages": messages, **body}, CHAT_URL)


def with_options(client: "AsyncOpenAI", **options: str) -> "AsyncOpenAI":
    """Return *client* with the headers that set how the sandbox runs its batches."""
    headers = {f"x-sandbox-batch-{name.replace('_', '-')}": value for name, value in options.items()}
    return client.with_options(default_headers=headers)


class AppBatches:
    """The batches of one server, as the page has them."""

    def __init__(
        self, client: "AsyncOpenAI", repository: BatchRepository, directory: Path, address: str = ""
    ) -> None:
        self.client, self.repository, self.directory = client, repository, directory
        self.address = address or str(client.base_url)

    def prepare(self, lines: Iterable[RequestLine]) -> BatchRecord:
        written = write_lines(self.directory / "input.jsonl", lines)
        record = prepare_batch(written, "sandbox", self.address, "Title", "template")
        path = batch_folder(self.directory, record.id).input_file
        path.parent.mkdir(parents=True)
        written.path.replace(path)
        return record

    async def submit(self, lines: Iterable[RequestLine], **options: str) -> BatchRecord:
        return await self.submit_record(self.prepare(lines), **options)

    async def submit_record(self, record: BatchRecord, **options: str) -> BatchRecord:
        path = batch_folder(self.directory, record.id).input_file
        return await submit(with_options(self.client, **options), self.repository, record, path)

    async def refresh(self) -> list[BatchRecord]:
        return await refresh(self.client, self.repository, "sandbox", self.address)

    async def wait(
        self,
        record: BatchRecord,
        condition: Callable[[BatchRecord], bool] = lambda record: not record.status.is_active,
    ) -> BatchRecord:
        async with asyncio.timeout(_TIMEOUT):
            while True:
                current = next(each for each in await self.refresh() if each.id == record.id)
                if current.status != BatchStatus.PREPARED and condition(current):
                    return current
                await asyncio.sleep(0.02)

    async def join(self, record: BatchRecord) -> BatchRecord:
        """Wait for the end of a batch, download its results and join them to its lines."""
        ended, folder = await self.wait(record), batch_folder(self.directory, record.id)
        await download_results(self.client, ended, folder)
        return import_results(self.repository, ended, folder)
