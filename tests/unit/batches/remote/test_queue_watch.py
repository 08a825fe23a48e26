"""Batches that wait for the queue are submitted by the process, whether or not a page is open."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from core.batches.account import account_id
from core.batches.batch import BatchError, BatchRecord, BatchStatus
from core.batches.remote.queue_watch import QueueWatch, may_wait
from core.batches.remote.submission_jobs import SubmissionJobs
from core.batches.repository import BatchRepository
from core.errors.types import Explanation
from core.runs import event_loop
from tests.servers import StubResponse, http_response, stub_server
from tests.unit.batches.batch_server import BatchServer, batch_object
from tests.unit.conftest import profile_for

Prepare = Callable[..., BatchRecord]
Watch = Callable[[str], Future[None] | None]
TIMEOUT = 60
QUEUE_IS_FULL = (BatchError("token_limit_exceeded", "Enqueued token limit reached. Limit: 100"),)


@pytest.fixture
async def watch(repository: BatchRepository, tmp_path: Path) -> AsyncIterator[Watch]:
    """Start to watch the batches of the server at a URL, as a process does, one time or more."""
    event_loop.set_loop(asyncio.get_running_loop())
    queue_watch = QueueWatch(tmp_path, SubmissionJobs(tmp_path), longest_delay=0.001)
    yield lambda url: queue_watch.start(repository, profile_for(url), url)
    event_loop.set_loop(None)


def save_waiting(repository: BatchRepository, record: BatchRecord, url: str) -> None:
    fields = {"errors": QUEUE_IS_FULL, "tokens": 60, "waits_for_queue": True, "remote_id": "batch_0"}
    times = ((BatchStatus.FAILED, datetime.now(UTC)),)
    account = account_id(profile_for(url))
    change = partial(replace, status=BatchStatus.FAILED, state_times=times, account=account, **fields)
    repository.update(record.id, change)


def accept_batches(api: BatchServer) -> None:
    """Let the batches that were created pass the check of the server."""
    for batch in api.batches.values():
        if batch["status"] == "validating":
            batch["status"] = "in_progress"


async def test_submits_a_waiting_batch_once_there_is_room(
    repository: BatchRepository, prepare: Prepare, watch: Watch
) -> None:
    api = BatchServer(batches={"batch_1": batch_object(status="in_progress", model="gpt-6-luna")})
    requests: list[str] = []
    was_full = asyncio.Event()

    def before(route: str) -> StubResponse | None:
        requests.append(route)
        if len(requests) == 3:
            return http_response({"error": {"message": "Busy", "type": "x", "code": None}}, 500)
        if len(requests) > 5:
            was_full.set()
        if api.created.is_set():
            accept_batches(api)
        return None

    api.before = before
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        save_waiting(repository, prepare(server.url), server.url)
        active = replace(prepare(server.url), remote_id="batch_1", status=BatchStatus.IN_PROGRESS, tokens=60)
        repository.save(active)
        task = watch(server.url)
        assert task
        assert watch(server.url) is None
        await was_full.wait()
        assert len(api.batches) == 1

        api.batches["batch_1"]["status"] = "completed"
        await asyncio.wrap_future(task)

    [child] = [record for record in repository.list() if record.parent_id]
    assert (child.remote_id, child.status) == ("batch_2", BatchStatus.IN_PROGRESS)
    assert len(api.batches) == 2


async def test_ends_if_nothing_waits_and_can_be_started_again(
    repository: BatchRepository, prepare: Prepare, watch: Watch
) -> None:
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        for _ in range(2):
            task = watch(server.url)
            assert task
            await asyncio.wrap_future(task)
        assert server.requests == []

        save_waiting(repository, prepare(server.url), server.url)
        api.before = lambda _route: accept_batches(api)
        task = watch(server.url)
        assert task
        await asyncio.wrap_future(task)

    assert len(api.batches) == 1


@pytest.mark.parametrize(
    ("fields", "waits"),
    [
        ({"status": BatchStatus.FAILED, "errors": QUEUE_IS_FULL, "tokens": 60}, True),
        ({"status": BatchStatus.FAILED, "errors": QUEUE_IS_FULL, "tokens": 101}, False),
        ({"status": BatchStatus.FAILED}, False),
        ({"status": BatchStatus.VALIDATING}, True),
        ({"status": BatchStatus.PREPARED}, True),
        ({"status": BatchStatus.PREPARED, "submission_error": Explanation("Offline", "")}, False),
        ({"status": BatchStatus.IN_PROGRESS}, False),
        ({"status": BatchStatus.VALIDATING, "waits_for_queue": False}, False),
    ],
)
def test_is_needed_until_the_server_has_accepted_a_batch(
    prepare: Prepare, fields: dict[str, object], waits: bool
) -> None:
    record = replace(prepare(), **{"waits_for_queue": True, **fields})  # type: ignore[arg-type]
    assert may_wait([record]) is waits
