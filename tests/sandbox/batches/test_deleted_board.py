"""The batches of a board that is deleted: nothing of them is made and paid that can be cancelled."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.batches.batch import BatchRecord, BatchStatus
from core.batches.hand_over import prepare_job_batch
from core.batches.remote.resubmission import due_submissions
from core.batches.repository import BatchRepository
from core.compare.running.batch import batch_job, batch_requests, cancel_batches
from core.errors.types import PlaygroundError
from core.runner.repository import JobRepository
from core.sandbox.server import SandboxServer
from tests.sandbox.batches.app_batches import AppBatches
from tests.unit.compare.conftest import board_of, variant_of
from tests.unit.conftest import profile_for

if TYPE_CHECKING:
    from openai import AsyncOpenAI

SLOW = {"speed": "0.001"}
ENDING = (BatchStatus.CANCELLING, BatchStatus.CANCELLED)


class DeletedBoard:
    """A board with two variants whose cells leave as a batch each."""

    def __init__(self, batches: AppBatches, server: SandboxServer) -> None:
        self.batches, self.profile = batches, profile_for(server.url, server.key)
        self.board = board_of(variant_of(id="a"), variant_of(id="b", profile_id="other"), cases=3)
        self.jobs = JobRepository(batches.repository.store, "local")
        self.records = [self._prepare(number) for number in range(2)]

    def _prepare(self, number: int) -> BatchRecord:
        variant = self.board.variants[number]
        keys = [key for key in self.board.cell_keys() if key.variant_id == variant.id]
        profile = self.profile.model_copy(update={"id": variant.profile_id})
        job, items = batch_job(self.board, variant, keys, profile)
        self.jobs.create(job, items)
        requests = batch_requests(job, items)
        record = prepare_job_batch(requests, job, self.batches.address, self.batches.directory, "compare")
        self.batches.repository.save(record)
        return record

    async def cancel(self, profile_ids: Sequence[str] = ("test", "other")) -> None:
        profiles = dict.fromkeys(profile_ids, self.profile)
        await cancel_batches(self.board.id, self.jobs, self.batches.repository, profiles)

    def saved(self) -> list[BatchRecord]:
        return [self.batches.repository.get(record.id) for record in self.records]

    async def remote_statuses(self) -> list[str]:
        return [batch.status async for batch in self.batches.client.batches.list()]


@pytest.fixture
def deleted(
    app_client: "AsyncOpenAI", repository: BatchRepository, tmp_path: Path, server: SandboxServer
) -> DeletedBoard:
    return DeletedBoard(AppBatches(app_client, repository, tmp_path), server)


async def test_are_cancelled_whether_they_were_submitted_or_not(deleted: DeletedBoard) -> None:
    await deleted.batches.submit_record(deleted.records[0], **SLOW)

    await deleted.cancel()

    submitted, prepared = deleted.saved()
    assert submitted.status in ENDING
    assert prepared.status == BatchStatus.CANCELLED
    assert len(await deleted.remote_statuses()) == 1
    assert not due_submissions(deleted.batches.repository, deleted.batches.address, deleted.batches.directory)
    await deleted.batches.submit_record(prepared)
    assert len(await deleted.remote_statuses()) == 1
    # What was made of the first may still come; nothing of the second does.
    [waiting] = deleted.jobs.list("compare.batch", unfinished=True)
    assert waiting.id == submitted.target_job_id


async def test_are_cancelled_while_they_are_submitted(deleted: DeletedBoard) -> None:
    submissions = [deleted.batches.submit_record(record, **SLOW) for record in deleted.records]

    await asyncio.gather(*submissions, deleted.cancel())

    assert {record.status for record in deleted.saved()} <= set(ENDING)
    assert set(await deleted.remote_statuses()) <= {"cancelling", "cancelled"}


async def test_are_cancelled_if_the_app_was_killed_when_it_had_submitted_them(deleted: DeletedBoard) -> None:
    for record in deleted.records:
        await deleted.batches.submit_record(record, **SLOW)
        deleted.batches.repository.save(replace(record, upload_started=True))

    await deleted.cancel()

    assert {record.status for record in deleted.saved()} <= set(ENDING)
    statuses = await deleted.remote_statuses()
    assert len(statuses) == 2
    assert set(statuses) <= {"cancelling", "cancelled"}


async def test_are_named_if_they_cannot_be_cancelled(deleted: DeletedBoard) -> None:
    for record in deleted.records:
        await deleted.batches.submit_record(record, **SLOW)

    with pytest.raises(PlaygroundError, match="was not cancelled") as raised:
        await deleted.cancel(["test"])

    assert "Batches page" in raised.value.hint
    assert "another server" in raised.value.detail
    assert sorted(record.status in ENDING for record in deleted.saved()) == [False, True]
