"""A batch of 50,000 lines from its input file to its exports, on the sandbox: `python -m bench.batch_life`.

As in the app, everything is in one process: the event loop, the sandbox and the imports.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from itertools import cycle, islice
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from core.batches.batch import BatchRecord, prepare_batch
from core.batches.folder import BatchFolder, batch_folder
from core.batches.input.example import example_input
from core.batches.input.request_line import RequestLine, write_lines
from core.batches.remote.service import download_results, refresh
from core.batches.remote.submission import submit
from core.batches.repository import BatchRepository
from core.batches.results.export import ExportFormat, export_results
from core.batches.results.results import ResultTable, import_results
from core.batches.run_now import RunNow
from core.calls import CallService
from core.client.client import close_http_clients, create_client_async
from core.client.profile import Profile
from core.runner.runners import Runners
from core.runs.jobs import Jobs
from core.sandbox.server import SandboxServer
from core.storage.store import Store

T = TypeVar("T")

_MODEL = "gpt-4o-mini"
_FORMATS: tuple[ExportFormat, ...] = ("csv", "jsonl", "parquet")
_TICK = 0.01


class Life:
    """One batch, with the repository, the folder and the server that it lives in."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.folder, self.server = folder, server
        self.store = Store.open(directory=folder)
        self.repository = BatchRepository(self.store)
        self.profile = Profile(
            id="bench", name="Bench", kind="sandbox", base_url=server.url, api_key=SecretStr(server.key)
        )

    def prepare(self, lines: int) -> tuple[BatchRecord, BatchFolder]:
        requests = islice(cycle(example_input(_MODEL).lines()), lines)
        numbered = (
            RequestLine(f"row-{number:06}", line.body, line.url) for number, line in enumerate(requests)
        )
        written = write_lines(self.folder / "input.jsonl", numbered)
        record = prepare_batch(written, "bench", self.server.url, "Bench")
        files = batch_folder(self.folder, record.id)
        files.path.mkdir(parents=True)
        written.path.replace(files.input_file)
        return record, files

    async def run_batch(self, lines: int) -> None:
        client = await create_client_async(self.profile)
        record, files = _measure("input file", lambda: self.prepare(lines))
        async with _phase("upload and create"):
            record = await submit(client, self.repository, record, files.input_file)
        async with _phase("validated, executed and finished"):
            refreshes = []
            while record.status.is_active:
                started = time.perf_counter()
                await refresh(client, self.repository, "bench", self.server.url)
                refreshes.append(time.perf_counter() - started)
                await asyncio.sleep(1)
                record = await asyncio.to_thread(self.repository.get, record.id)
        print(f"    {record.headline}; slowest of {len(refreshes)} refreshes {max(refreshes):.2f} s")
        async with _phase("download"):
            await download_results(client, record, files)
        async with _phase("import (limit 10 s)"):
            record = await asyncio.to_thread(import_results, self.repository, record, files)
        await self._read(record, files)

    async def run_now(self, lines: int) -> None:
        record, _ = await asyncio.to_thread(self.prepare, lines)
        jobs = Jobs()
        jobs.session_opened("bench")
        calls = CallService(jobs, lambda: self.store, "local", "bench", lambda _run: None)
        service = RunNow(calls, Runners(), self.repository, self.folder)
        async with _phase(f"{lines:,} requests made now, and joined"):
            await service.start(record, self.profile)
            record = await asyncio.to_thread(self.repository.get, record.id)
            while record.status.is_active:
                await asyncio.sleep(0.5)
                record = await asyncio.to_thread(self.repository.get, record.id)
        print(f"    {record.headline}")
        await jobs.stop_all()

    async def _read(self, record: BatchRecord, files: BatchFolder) -> None:
        table = ResultTable(self.store, record.id)
        for name, read in {
            "first page of 100": table.page,
            "last page": lambda: table.page(offset=table.count() - 100),
            "search": lambda: table.page(search="umbrella"),
            "counts and errors": lambda: (table.counts(), table.clusters()),
        }.items():
            _measure(name, read)
        for file_format in _FORMATS:
            path = self.folder / f"export.{file_format}"
            async with _phase(f"export {file_format}"):
                await asyncio.to_thread(export_results, table, files.input_file, file_format, path)


def _measure(name: str, work: Callable[[], T]) -> T:
    started = time.perf_counter()
    result = work()
    _print(name, time.perf_counter() - started)
    return result


@asynccontextmanager
async def _phase(name: str) -> AsyncIterator[None]:
    """Print the time of a phase, and how long it kept the event loop from other work at most."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            started = time.perf_counter()
            await asyncio.sleep(_TICK)
            longest = max(longest, time.perf_counter() - started - _TICK)

    watching, started = asyncio.create_task(watch()), time.perf_counter()
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    _print(name, time.perf_counter() - started, f"; event loop late by {longest * 1000:4.0f} ms at most")


def _print(name: str, seconds: float, more: str = "") -> None:
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:<40} {seconds:7.2f} s; peak {megabytes:4.0f} MB{more}", flush=True)


async def _bench(folder: Path, lines: int, now: int) -> None:
    with SandboxServer() as server:
        life = Life(folder, server)
        await life.run_batch(lines)
        await life.run_now(now)
        await close_http_clients()
        life.store.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.batch_life", description=__doc__)
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--now", type=int, default=2_000, help="requests that are made now")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_bench(Path(folder), options.lines, options.now))


if __name__ == "__main__":
    main()
