"""Submissions in the background: several in order, each once, and what is left after an error."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.remote.resubmission import due_submissions
from core.batches.remote.submission_jobs import SubmissionJobs
from core.batches.repository import BatchRepository
from core.runs import event_loop
from tests.servers import stub_server
from tests.unit.batches.batch_server import BatchServer, not_found
from tests.unit.conftest import profile_for

Prepare = Callable[..., BatchRecord]
TIMEOUT = 60


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[SubmissionJobs]:
    event_loop.set_loop(asyncio.get_running_loop())
    yield SubmissionJobs(tmp_path)
    event_loop.set_loop(None)


async def submit(
    jobs: SubmissionJobs, records: list[BatchRecord], repository: BatchRepository, url: str
) -> None:
    task = jobs.start(records, repository, profile_for(url))
    assert task
    await asyncio.wrap_future(task)


async def test_submits_batches_in_order_with_their_tokens(
    jobs: SubmissionJobs, repository: BatchRepository, prepare: Prepare
) -> None:
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        records = [prepare(server.url, ids=("a",)), prepare(server.url, ids=("a", "b"))]
        await submit(jobs, records, repository, server.url)

    saved = [repository.get(record.id) for record in records]
    assert [record.status for record in saved] == [BatchStatus.VALIDATING] * 2
    assert [record.remote_id for record in saved] == ["batch_1", "batch_2"]
    assert 0 < saved[0].tokens < saved[1].tokens
    assert not any(jobs.is_running(record.id) for record in records)
    assert not any(record.submission_error for record in saved)


async def test_starts_a_submission_once(
    jobs: SubmissionJobs, repository: BatchRepository, prepare: Prepare
) -> None:
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        record = prepare(server.url)
        task = jobs.start([record], repository, profile_for(server.url))
        assert jobs.is_running(record.id)
        assert jobs.start([record], repository, profile_for(server.url)) is None
        assert task
        await asyncio.wrap_future(task)
    assert len(api.batches) == 1


async def test_leaves_the_rest_after_an_error_and_submits_them_again_when_asked(
    jobs: SubmissionJobs, repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    api = BatchServer(before=lambda _route: not_found())
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        records = [prepare(server.url), prepare(server.url)]
        await submit(jobs, records, repository, server.url)
        for record in records:
            saved = repository.get(record.id)
            assert saved.submission_error
            assert "no Batch API" in saved.submission_error.title
            assert saved.status == BatchStatus.PREPARED
        # Not even after a restart, which leaves nothing in memory.
        assert due_submissions(repository, server.url, tmp_path) == []

        api.before = lambda _route: None
        await submit(jobs, records, repository, server.url)

    assert not any(repository.get(record.id).submission_error for record in records)
    assert len(api.batches) == 2
