"""The batches of a server, followed while other sessions change the same records."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.account import account_id
from core.batches.batch import METADATA_KEY, BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import batch_folder
from core.batches.remote.remote_errors import NoBatchApi
from core.batches.remote.service import cancel, delete_files, download_results, list_files, refresh
from core.batches.repository import BatchRepository
from core.storage.store import Store
from tests.servers import StubResponse, http_response, stub_server
from tests.unit.batches.batch_server import BatchServer, batch_object
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Prepare = Callable[..., BatchRecord]
Connect = Callable[[str], Awaitable["AsyncOpenAI"]]
TIMEOUT = 60


def save_submitted(repository: BatchRepository, record: BatchRecord, remote_id: str = "batch_1") -> None:
    repository.save(replace(record, remote_id=remote_id, status=BatchStatus.VALIDATING))


async def test_adds_the_batches_made_elsewhere_once(repository: BatchRepository, connect: Connect) -> None:
    api = BatchServer(batches={f"batch_{number}": batch_object(number) for number in (1, 2)})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client = await connect(server.url)
        first = await refresh(client, repository, "test", server.url)
        second = await refresh(client, repository, "test", server.url)

    assert [record.remote_id for record in first] == ["batch_2", "batch_1"]
    assert first == second
    assert {record.source for record in first} == {"elsewhere"}


async def test_adds_a_batch_once_from_two_sessions(
    repository: BatchRepository, connect: Connect, open_store: Callable[[], Store]
) -> None:
    api = BatchServer(batches={f"batch_{number}": batch_object(number) for number in range(1, 4)})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client = await connect(server.url)
        repositories = (repository, BatchRepository(open_store()))
        await asyncio.gather(*(refresh(client, each, "test", server.url) for each in repositories))

    assert len(repository.list()) == 3


async def test_keeps_what_another_session_saved_during_the_request(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    def change(_route: str) -> StubResponse | None:
        repository.update(
            record.id, partial(replace, title="New", waits_for_queue=True, results=RequestCounts(3, 2, 1))
        )
        return None

    api = BatchServer(batches={"batch_1": batch_object(status="in_progress")}, before=change)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        save_submitted(repository, record)
        [refreshed] = await refresh(await connect(server.url), repository, "test", server.url)

    assert refreshed.status == BatchStatus.IN_PROGRESS
    assert (refreshed.title, refreshed.waits_for_queue) == ("New", True)
    assert refreshed.results == RequestCounts(3, 2, 1)


async def test_adopts_the_batch_of_a_record_saved_during_the_request(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    api = BatchServer()

    def submit_elsewhere(_route: str) -> StubResponse | None:
        record = prepare(server.url)
        api.batches["batch_1"] = batch_object(metadata={METADATA_KEY: record.id})
        return None

    api.before = submit_elsewhere
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        [refreshed] = await refresh(await connect(server.url), repository, "test", server.url)

    assert (refreshed.source, refreshed.remote_id) == ("upload", "batch_1")


async def test_marks_an_active_batch_that_the_server_no_longer_has(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    async with stub_server(BatchServer()) as server, asyncio.timeout(TIMEOUT):
        save_submitted(repository, prepare(server.url), "batch_old")
        [refreshed] = await refresh(await connect(server.url), repository, "test", server.url)

    assert refreshed.status == BatchStatus.GONE


async def test_knows_nothing_of_the_batches_of_another_account(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    accounts = [account_id(profile_for("http://x/v1", key=key)) for key in ("first", "second")]
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = replace(prepare(server.url), account=accounts[0])
        save_submitted(repository, record, "batch_1")
        client = await connect(server.url)

        [unknown] = await refresh(client, repository, "test", server.url, accounts[1])
        api.batches["batch_1"] = batch_object(status="in_progress")
        [listed] = await refresh(client, repository, "test", server.url, accounts[1])
        del api.batches["batch_1"]
        [gone] = await refresh(client, repository, "test", server.url, accounts[1])

    assert (unknown.status, unknown.account) == (BatchStatus.VALIDATING, accounts[0])
    # It is the same account with another key.
    assert (listed.status, listed.account) == (BatchStatus.IN_PROGRESS, accounts[1])
    assert gone.status == BatchStatus.GONE


async def test_leaves_deleted_a_batch_that_is_deleted_during_the_request(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    def delete(route: str) -> StubResponse | None:
        if route == "GET /batches/batch_old":
            repository.delete(record.id)
        return None

    async with stub_server(BatchServer(before=delete)) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        save_submitted(repository, record, "batch_old")
        assert await refresh(await connect(server.url), repository, "test", server.url) == []


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_says_that_a_server_has_no_batch_api(
    repository: BatchRepository, connect: Connect, status: int
) -> None:
    async with (
        stub_server(http_response({"detail": "Not Found"}, status)) as server,
        asyncio.timeout(TIMEOUT),
    ):
        client = await connect(server.url)
        with pytest.raises(NoBatchApi):
            await refresh(client, repository, "test", server.url)
        with pytest.raises(NoBatchApi):
            await list_files(client)


async def test_cancels_a_batch(repository: BatchRepository, prepare: Prepare, connect: Connect) -> None:
    api = BatchServer(batches={"batch_1": batch_object(status="in_progress")})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        save_submitted(repository, record)
        cancelled = await cancel(await connect(server.url), repository, repository.get(record.id))

    assert cancelled.status == BatchStatus.CANCELLING
    assert repository.get(record.id) == cancelled


async def test_only_updates_a_batch_that_ended_before_it_was_cancelled(
    repository: BatchRepository, prepare: Prepare, connect: Connect
) -> None:
    conflict = http_response({"error": {"message": "already completed"}}, 409)
    api = BatchServer(
        batches={"batch_1": batch_object(status="completed")},
        before=lambda route: conflict if route.endswith("/cancel") else None,
    )
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        save_submitted(repository, record)
        cancelled = await cancel(await connect(server.url), repository, repository.get(record.id))

    assert cancelled.status == BatchStatus.COMPLETED


async def test_downloads_each_result_file_once(prepare: Prepare, connect: Connect, tmp_path: Path) -> None:
    api = BatchServer(files={"file-2": ("output.jsonl", b"output\n"), "file-3": ("e.jsonl", b"errors\n")})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client = await connect(server.url)
        record = replace(prepare(server.url), output_file_id="file-2", error_file_id="file-3")
        folder = batch_folder(tmp_path, record.id)
        # Two sessions at once do not disturb each other.
        await asyncio.gather(*(download_results(client, record, folder) for _ in range(2)))
        count = len(server.requests)
        await download_results(client, record, folder)

        assert len(server.requests) == count
    assert (folder.output_file.read_bytes(), folder.error_file.read_bytes()) == (b"output\n", b"errors\n")
    assert len(list(folder.path.iterdir())) == 3


async def test_downloads_results_whose_input_file_was_deleted(
    prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    api = BatchServer(files={"file-2": ("output.jsonl", b"output\n")})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = replace(prepare(server.url), input_file_id="file-1", output_file_id="file-2")
        folder = batch_folder(tmp_path, record.id)
        folder.input_file.unlink()
        await download_results(await connect(server.url), record, folder)

    assert [path.name for path in folder.path.iterdir()] == ["output.jsonl"]


async def test_deletes_the_files_that_exist(connect: Connect) -> None:
    api = BatchServer(files={"file-2": ("output.jsonl", b"")})
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client = await connect(server.url)
        assert [file.id for file in await list_files(client)] == ["file-2"]
        assert await delete_files(client, ["file-1", None, "file-2"]) == 1
        assert await list_files(client) == []
