"""Apps and workers follow the same batches: each request is sent by one of them, and none is needed twice."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from core.batches.account import account_id
from core.batches.batch import BatchRecord, BatchStatus
from core.batches.remote.polling import refresh_in_turn
from core.batches.remote.resubmission import due_submissions
from core.batches.repository import BatchRepository
from core.storage.store import Store
from core.worker.batches import follow_batches
from tests.servers import StubResponse, stub_server
from tests.unit.batches.batch_server import BatchServer, batch_object
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

TIMEOUT = 60


async def test_requests_the_batches_of_a_server_once_for_all_processes(
    open_store: Callable[[], Store],
    repository: BatchRepository,
    prepare: Callable[..., BatchRecord],
    connect: "Callable[[str], Awaitable[AsyncOpenAI]]",
) -> None:
    requests: Counter[str] = Counter()
    api = BatchServer(batches={"batch_1": batch_object(status="in_progress")})
    api.before = lambda route: requests.update([route])
    processes = [repository, *(BatchRepository(open_store()) for _ in range(2))]
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        profile, client = profile_for(server.url), await connect(server.url)
        record = replace(prepare(server.url), remote_id="batch_1", account=account_id(profile))
        repository.save(replace(record, status=BatchStatus.VALIDATING))

        await asyncio.gather(*(refresh_in_turn(client, each, profile, server.url) for each in processes))

        assert requests == {"GET /batches": 1}
        [updated] = await refresh_in_turn(client, processes[2], profile, server.url)
        assert updated.status == BatchStatus.IN_PROGRESS
        await refresh_in_turn(client, processes[2], profile, server.url)
        assert requests == {"GET /batches": 1}
        await refresh_in_turn(client, processes[2], profile, server.url, is_asked_for=True)
        assert requests == {"GET /batches": 2}


async def test_submits_a_batch_and_imports_its_results_without_an_app(
    repository: BatchRepository, prepare: Callable[..., BatchRecord], tmp_path: Path
) -> None:
    api = BatchServer()
    line = {"custom_id": "a", "response": {"status_code": 200, "body": {"choices": []}}, "error": None}

    def complete(route: str) -> StubResponse | None:
        if route == "GET /batches" and api.batches:
            api.files["file-out"] = ("output.jsonl", orjson.dumps(line) + b"\n")
            api.batches["batch_1"] |= {"status": "completed", "output_file_id": "file-out"}
        return None

    api.before = complete
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        # As an app saves it that is killed before it has uploaded the file.
        repository.save(replace(record, upload_started=True))
        environ = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "k"}

        worker = asyncio.create_task(follow_batches(repository.store, environ, tmp_path, 0.01))
        while (followed := repository.get(record.id)).results is None:
            await asyncio.sleep(0.01)

        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
    assert followed.status == BatchStatus.COMPLETED
    assert len(api.batches) == 1


def test_leaves_the_files_of_an_app_on_another_machine_alone(
    repository: BatchRepository, prepare: Callable[..., BatchRecord], tmp_path: Path
) -> None:
    record = replace(prepare("http://x/v1"), upload_started=True)
    repository.save(record)

    assert due_submissions(repository, "http://x/v1", tmp_path / "other") == []
    assert due_submissions(repository, "http://x/v1", tmp_path) == [record]
