"""Batches that are submitted without the user: after a full queue, and after a kill."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.batches.batch import BatchError, BatchRecord, BatchStatus
from core.batches.folder import batch_folder
from core.batches.remote.resubmission import due_submissions
from core.batches.remote.submission import submit
from core.batches.repository import BatchRepository
from tests.servers import stub_server
from tests.unit.batches.batch_server import BatchServer

if TYPE_CHECKING:
    from openai import AsyncOpenAI

Prepare = Callable[..., BatchRecord]
Connect = Callable[[str], Awaitable["AsyncOpenAI"]]
TIMEOUT = 60
URL = "http://x/v1"
QUEUE_IS_FULL = (BatchError("token_limit_exceeded", "Enqueued token limit reached. Limit: 100"),)


def change(repository: BatchRepository, record: BatchRecord, **fields: object) -> BatchRecord:
    return repository.update(record.id, partial(replace, **fields))


def fail_for_queue(repository: BatchRepository, record: BatchRecord) -> BatchRecord:
    fields = {"errors": QUEUE_IS_FULL, "tokens": 60, "waits_for_queue": True}
    times = ((BatchStatus.FAILED, datetime.now(UTC)),)
    return change(repository, record, status=BatchStatus.FAILED, state_times=times, **fields)


def test_submits_again_when_the_queue_has_room(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    active = change(repository, prepare(), status=BatchStatus.IN_PROGRESS, tokens=60)
    waiting = fail_for_queue(repository, prepare(ids=("a", "b")))
    assert due_submissions(repository, URL, tmp_path) == []

    change(repository, active, status=BatchStatus.COMPLETED)
    [child] = due_submissions(repository, URL, tmp_path)

    assert (child.status, child.parent_id, child.lines) == (BatchStatus.PREPARED, waiting.id, 2)
    files = [batch_folder(tmp_path, each.id).input_file.read_bytes() for each in (waiting, child)]
    assert files[0] == files[1]
    assert not repository.get(waiting.id).waits_for_queue
    # It is the same batch until it is submitted.
    assert due_submissions(repository, URL, tmp_path) == [child]


def test_pauses_after_a_submission_in_vain(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    fail_for_queue(repository, prepare())
    [child] = due_submissions(repository, URL, tmp_path)
    fail_for_queue(repository, child)
    assert due_submissions(repository, URL, tmp_path) == []

    times = ((BatchStatus.FAILED, datetime.now(UTC) - timedelta(minutes=1)),)
    child = change(repository, child, state_times=times)
    [grandchild] = due_submissions(repository, URL, tmp_path)
    assert (grandchild.parent_id, grandchild.waits_for_queue) == (child.id, True)
    change(repository, grandchild, status=BatchStatus.FAILED, errors=QUEUE_IS_FULL, state_times=times)
    # The second pause is longer.
    assert due_submissions(repository, URL, tmp_path) == []


def test_submits_one_waiting_batch_at_a_time(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    first, second = (fail_for_queue(repository, prepare()) for _ in range(2))
    [child] = due_submissions(repository, URL, tmp_path)
    assert child.parent_id == first.id
    change(repository, child, status=BatchStatus.VALIDATING)
    assert due_submissions(repository, URL, tmp_path) == []
    assert repository.get(second.id).waits_for_queue


def test_leaves_the_batches_of_another_account(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    interrupted = change(repository, prepare(), upload_started=True, account="first")
    waiting = change(repository, fail_for_queue(repository, prepare()), account="first")

    assert due_submissions(repository, URL, tmp_path, "second") == []
    due = due_submissions(repository, URL, tmp_path, "first")
    assert interrupted in due
    assert {record.account for record in due} == {"first"}
    assert [record.parent_id for record in due if record != interrupted] == [waiting.id]


def test_replaces_a_waiting_batch_once(repository: BatchRepository, prepare: Prepare) -> None:
    waiting, child = fail_for_queue(repository, prepare()), prepare()
    assert repository.replace_waiting(waiting.id, child)
    assert not repository.replace_waiting(waiting.id, child)


def test_gives_up_without_the_input_file(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    waiting = fail_for_queue(repository, prepare())
    batch_folder(tmp_path, waiting.id).delete()
    assert due_submissions(repository, URL, tmp_path) == []
    assert not repository.get(waiting.id).waits_for_queue


def test_leaves_batches_that_the_user_has_not_submitted_or_that_are_being_submitted(
    repository: BatchRepository, prepare: Prepare, tmp_path: Path
) -> None:
    prepare()
    interrupted = change(repository, prepare(), upload_started=True)
    assert due_submissions(repository, URL, tmp_path) == [interrupted]
    assert repository.claim(interrupted.id)
    assert due_submissions(repository, URL, tmp_path) == []


async def test_continues_an_interrupted_submission(
    repository: BatchRepository, prepare: Prepare, connect: Connect, tmp_path: Path
) -> None:
    api = BatchServer()
    async with stub_server(api) as server, asyncio.timeout(TIMEOUT):
        change(repository, prepare(server.url), upload_started=True)
        [record] = due_submissions(repository, server.url, tmp_path)
        path = batch_folder(tmp_path, record.id).input_file
        submitted = await submit(await connect(server.url), repository, record, path)

    assert submitted.remote_id == "batch_1"
    assert due_submissions(repository, server.url, tmp_path) == []
    assert len(api.batches) == 1
