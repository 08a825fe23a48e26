"""A submission, which creates one batch whatever fails in between."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.batch import METADATA_KEY, BatchRecord, BatchStatus
from core.batches.folder import batch_folder
from core.batches.remote.remote_errors import NoBatchApi
from core.batches.remote.service import refresh
from core.batches.remote.submission import submit
from core.batches.repository import BatchRepository
from core.errors.types import PlaygroundError
from tests.servers import ConnectionFault, StubResponse, http_response, stub_server
from tests.unit.batches.batch_server import BatchServer, not_found

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Prepare = Callable[..., BatchRecord]
Connect = Callable[[str], Awaitable["AsyncOpenAI"]]
TIMEOUT = 60

SUBMIT = """
import asyncio, sys
from pathlib import Path
from core.batches.folder import batch_folder
from core.batches.repository import BatchRepository
from core.batches.remote.submission import submit
from core.client.client import create_client
from core.storage.store import Store
from tests.unit.conftest import profile_for

async def main(database_url, directory, batch_id):
    repository = BatchRepository(Store.open(database_url))
    record = repository.get(batch_id)
    path = batch_folder(Path(directory), batch_id).input_file
    await submit(create_client(profile_for(record.base_url)), repository, record, path)

asyncio.run(main(*sys.argv[1:]))
"""


async def submit_file(
    client: "AsyncOpenAI", repository: BatchRepository, record: BatchRecord, directory: Path
) -> BatchRecord:
    path = batch_folder(directory, record.id).input_file
    return await submit(client, repository, record, path)


async def test_uploads_the_file_and_creates_the_batch(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        submitted = await submit_file(await connect(server.url), repository, record, tmp_path)

    assert (submitted.status, submitted.remote_id) == (BatchStatus.VALIDATING, "batch_1")
    assert repository.get(record.id) == submitted
    content = batch_folder(tmp_path, record.id).input_file.read_bytes()
    assert api.files == {"file-1": (f"{record.id}.jsonl", content)}
    assert api.batches["batch_1"]["metadata"] == {METADATA_KEY: record.id, "title": "Title"}


@pytest.mark.parametrize("lost", ["POST /files", "POST /batches"])
async def test_continues_after_a_lost_response(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path, lost: str
) -> None:
    from openai import APIConnectionError

    is_lost = True
    api = BatchServer(after=lambda route: (ConnectionFault.RESET,) if is_lost and route == lost else None)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        with pytest.raises(APIConnectionError):
            await submit_file(client, repository, record, tmp_path)
        is_lost = False
        submitted = await submit_file(client, repository, record, tmp_path)
        again = await submit_file(client, repository, record, tmp_path)

    assert submitted == again
    assert submitted.remote_id == "batch_1"
    assert (len(api.files), len(api.batches)) == (1, 1)


async def test_uploads_once_when_the_batch_could_not_be_created(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    from openai import InternalServerError

    is_failing = True
    error = http_response({"error": {"message": "busy"}}, 500)
    api = BatchServer(before=lambda route: error if is_failing and route == "POST /batches" else None)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        with pytest.raises(InternalServerError):
            await submit_file(client, repository, record, tmp_path)
        is_failing = False
        await submit_file(client, repository, record, tmp_path)

    assert (len(api.files), len(api.batches)) == (1, 1)


async def test_continues_the_submission_of_a_killed_process(
    repository: BatchRepository, prepare: Prepare, connect: Connect, database_url: str, tmp_path: Path
) -> None:
    is_killed = False

    def hang(route: str) -> StubResponse | None:
        return None if is_killed or route != "POST /batches" else (ConnectionFault.HANG,)

    api = BatchServer(after=hang)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        arguments = ("-c", SUBMIT, database_url, str(tmp_path), record.id)
        process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=Path.cwd())
        await api.created.wait()
        process.kill()
        await process.wait()
        is_killed = True
        submitted = await submit_file(await connect(server.url), repository, record, tmp_path)

    assert submitted.remote_id == "batch_1"
    assert (len(api.files), len(api.batches)) == (1, 1)


async def test_is_refused_while_another_session_submits_the_batch(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    api = BatchServer(after=lambda route: (ConnectionFault.HANG,) if route == "POST /batches" else None)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        first = asyncio.create_task(submit_file(client, repository, record, tmp_path))
        await api.created.wait()
        with pytest.raises(PlaygroundError, match="is being submitted"):
            await submit_file(client, repository, record, tmp_path)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_is_one_record_when_a_refresh_sees_the_batch_first(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    api = BatchServer(after=lambda route: (ConnectionFault.HANG,) if route == "POST /batches" else None)
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        first = asyncio.create_task(submit_file(client, repository, record, tmp_path))
        await api.created.wait()
        [refreshed] = await refresh(client, repository, "test", server.url)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        submitted = await submit_file(client, repository, record, tmp_path)

    assert refreshed == submitted
    assert (submitted.id, submitted.title, submitted.source) == (record.id, "Title", "upload")
    assert len(api.batches) == 1


@pytest.mark.parametrize("missing", ["file or model", "batches", "files and batches"])
async def test_says_that_there_is_no_batch_api_only_if_so(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path, missing: str
) -> None:
    from openai import NotFoundError

    def answer(route: str) -> StubResponse | None:
        is_missing = "batches" in missing and route.endswith("/batches")
        is_missing |= "files" in missing and route.endswith("/files")
        is_missing |= route == "POST /batches"
        return not_found("The model does not exist") if is_missing else None

    async with stub_server(BatchServer(before=answer)) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        with pytest.raises(NotFoundError if missing == "file or model" else NoBatchApi):
            await submit_file(client, repository, record, tmp_path)

    assert repository.get(record.id).status == BatchStatus.PREPARED


async def test_uploads_again_a_file_that_the_server_no_longer_has(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    from openai import NotFoundError

    is_unknown = True
    api = BatchServer(
        before=lambda route: not_found("file") if is_unknown and route == "POST /batches" else None
    )
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        client, record = await connect(server.url), prepare(server.url)
        with pytest.raises(NotFoundError):
            await submit_file(client, repository, record, tmp_path)
        api.files.clear()
        is_unknown = False
        submitted = await submit_file(client, repository, record, tmp_path)

    assert submitted.remote_id == "batch_1"
    assert len(api.files) == 1
