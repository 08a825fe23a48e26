"""The app's batches on the sandbox: from the input file to the joined results, with every kind of end."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openai import NotFoundError, OpenAI

from core.batches.batch import BatchOutcome, BatchRecord, BatchStatus, RequestCounts
from core.batches.folder import batch_folder
from core.batches.input.example import example_input
from core.batches.input.request_line import RequestLine, read_lines
from core.batches.remote.queue_limit import queue_limit_of
from core.batches.remote.resubmission import due_submissions
from core.batches.remote.service import cancel, delete_files, download_file, list_files
from core.batches.repository import BatchRepository
from core.batches.results.result_lines import ResultState
from core.batches.results.results import ResultTable
from core.batches.retry import prepare_retry
from core.errors.types import PlaygroundError
from core.sandbox.server import SandboxServer
from tests.sandbox.batches.app_batches import AppBatches, chat_request
from tests.sandbox.batches.input_files import create, request_line, upload

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@pytest.fixture
def batches(app_client: "AsyncOpenAI", repository: BatchRepository, tmp_path: Path) -> AppBatches:
    return AppBatches(app_client, repository, tmp_path)


async def test_joins_the_results_of_the_example(batches: AppBatches) -> None:
    lines = list(example_input("gpt-6-luna").lines())
    submitted = await batches.submit(lines)
    joined = await batches.join(submitted)

    assert (joined.status, joined.outcome) == (BatchStatus.COMPLETED, BatchOutcome.ALL_SUCCEEDED)
    assert joined.headline == "100 of 100 succeeded"
    assert joined.results == joined.counts == RequestCounts(100, 100, 0)
    states = [state for state, _ in joined.state_times]
    assert set(states) >= {BatchStatus.VALIDATING, BatchStatus.IN_PROGRESS, BatchStatus.COMPLETED}
    rows = list(ResultTable(batches.repository.store, joined.id).rows())
    assert [row.custom_id for row in rows] == [line.custom_id for line in lines]
    assert rows[0].text.startswith("책상은")
    assert rows[1].text.startswith("The desk")
    assert joined.usage
    assert joined.usage.input_tokens == sum(row.usage.input_tokens for row in rows if row.usage)
    assert joined.cost
    assert joined.sync_cost == 2 * joined.cost


async def test_joins_embeddings(batches: AppBatches) -> None:
    body = {"model": "text-embedding-3-small", "dimensions": 8}
    lines = [
        RequestLine(f"id {number}", {**body, "input": ["비", "눈"]}, "/v1/embeddings") for number in range(3)
    ]
    joined = await batches.join(await batches.submit(lines))
    texts = [row.text for row in ResultTable(batches.repository.store, joined.id).rows()]
    assert texts == ["2 × 8 dimensions"] * 3


ENDS = {
    "lines-fail": (BatchStatus.COMPLETED, "16 of 20 succeeded", {"succeeded": 16, "failed": 4}),
    "all-fail": (BatchStatus.COMPLETED, "All 20 requests failed", {"failed": 20}),
    "expire": (BatchStatus.EXPIRED, "10 of 20 succeeded", {"succeeded": 10, "expired": 10}),
    "fail-validation": (BatchStatus.FAILED, "The input file was rejected", {"missing": 20}),
}


@pytest.mark.parametrize("outcome", ENDS)
async def test_joins_what_there_is(batches: AppBatches, outcome: str) -> None:
    status, headline, counts = ENDS[outcome]
    submitted = await batches.submit([chat_request(number) for number in range(20)], outcome=outcome)
    joined = await batches.join(submitted)

    table = ResultTable(batches.repository.store, joined.id)
    assert joined.status == status
    assert joined.headline == headline
    assert {state.value: count for state, count in table.counts().items()} == counts


async def test_says_by_line_why_a_file_is_invalid(batches: AppBatches) -> None:
    submitted = await batches.submit([chat_request(0), chat_request(0), chat_request(2, model="gpt-4o")])
    ended = await batches.wait(submitted)

    assert ended.headline == "The input file was rejected"
    assert [(error.code, error.line) for error in ended.errors] == [
        ("duplicate_custom_id", 2),
        ("mismatched_model", 3),
    ]


async def test_reads_the_limit_of_enqueued_tokens(batches: AppBatches) -> None:
    ended = await batches.wait(await batches.submit([chat_request(0)], token_limit="7"))
    assert ended.status == BatchStatus.FAILED
    assert queue_limit_of(ended) == 7


async def test_groups_the_errors_and_retries_their_lines(batches: AppBatches, tmp_path: Path) -> None:
    lines = [chat_request(number) for number in range(20)]
    joined = await batches.join(await batches.submit(lines, outcome="lines-fail"))
    table = ResultTable(batches.repository.store, joined.id)
    assert {cluster.code: cluster.count for cluster in table.clusters()} == {
        "rate_limit_exceeded": 1,
        "invalid_value": 2,
        "server_error": 1,
    }

    retried = await batches.join(await batches.submit_record(prepare_retry(joined, table, tmp_path)))

    assert (retried.parent_id, retried.headline) == (joined.id, "4 of 4 succeeded")
    failed = [row.custom_id for row in table.rows() if row.state == ResultState.FAILED]
    assert [line.custom_id for line in read_lines(batch_folder(tmp_path, retried.id).input_file)] == failed


async def test_downloads_large_results_and_long_lists_of_errors(batches: AppBatches) -> None:
    body = {"model": "text-embedding-3-small", "input": ["비", "눈"]}
    lines = [RequestLine(str(number), body, "/v1/embeddings") for number in range(30)]
    joined = await batches.join(await batches.submit(lines))
    invalid = await batches.submit(chat_request(0) for _ in range(1_500))
    ended = await batches.wait(invalid)

    assert joined.headline == "30 of 30 succeeded"
    assert batch_folder(batches.directory, joined.id).output_file.stat().st_size > 1_000_000
    assert len(ended.errors) == 1_000


async def test_cancels_with_the_results_so_far(batches: AppBatches) -> None:
    record = await batches.submit([chat_request(number) for number in range(400)], speed="2")
    running = await batches.wait(record, lambda record: record.counts.completed > 0)
    cancelling = await cancel(batches.client, batches.repository, running)
    assert cancelling.status == BatchStatus.CANCELLING
    joined = await batches.join(record)
    # One that has ended is only updated.
    again = await cancel(batches.client, batches.repository, joined)

    assert (joined.status, again) == (BatchStatus.CANCELLED, joined)
    counts = ResultTable(batches.repository.store, joined.id).counts()
    assert counts[ResultState.SUCCEEDED] > 0
    assert counts[ResultState.CANCELLED] > 0
    assert sum(counts.values()) == 400


async def test_creates_one_batch_for_two_submissions_at_once(batches: AppBatches, client: OpenAI) -> None:
    record = batches.prepare([chat_request(0)])
    submissions = (batches.submit_record(record) for _ in range(2))
    results = await asyncio.gather(*submissions, return_exceptions=True)

    assert all(isinstance(result, BatchRecord | PlaygroundError) for result in results)
    assert await batches.submit_record(record) in results
    assert len(client.batches.list().data) == len(client.files.list(purpose="batch").data) == 1


async def test_adds_a_batch_that_was_made_elsewhere(batches: AppBatches, client: OpenAI) -> None:
    batch_id = create(client, upload(client, [request_line(1), request_line(2)])).id
    [added] = await batches.refresh()
    joined = await batches.join(added)

    assert (joined.remote_id, joined.source) == (batch_id, "elsewhere")
    assert (joined.model, joined.headline) == ("gpt-4o-mini", "2 of 2 succeeded")


async def test_knows_that_the_server_has_lost_an_active_batch(
    batches: AppBatches, server: SandboxServer
) -> None:
    record = await batches.submit([chat_request(0)], speed="0.1")
    server.reset()
    assert (await batches.wait(record)).status == BatchStatus.GONE


async def test_lists_and_deletes_the_files_of_a_batch(batches: AppBatches, tmp_path: Path) -> None:
    joined = await batches.join(await batches.submit([chat_request(0)]))
    files = {file.id: file.purpose for file in await list_files(batches.client)}
    assert files == {joined.input_file_id: "batch", joined.output_file_id: "batch_output"}
    assert await delete_files(batches.client, [joined.input_file_id, joined.output_file_id, None]) == 2
    assert await delete_files(batches.client, [joined.input_file_id]) == 0

    with pytest.raises(NotFoundError):
        await download_file(batches.client, joined.output_file_id or "", tmp_path / "output.jsonl")
    assert not (tmp_path / "output.jsonl").exists()
    # What was joined before stays.
    assert ResultTable(batches.repository.store, joined.id).count() == 1


async def test_submits_again_what_was_too_much_for_the_queue(batches: AppBatches) -> None:
    ended = await batches.wait(await batches.submit([chat_request(0)], token_limit="7"))
    batches.repository.save(replace(ended, waits_for_queue=True))
    [child] = due_submissions(batches.repository, ended.base_url, batches.directory)
    joined = await batches.join(await batches.submit_record(child))
    assert (joined.parent_id, joined.headline) == (ended.id, "1 of 1 succeeded")
